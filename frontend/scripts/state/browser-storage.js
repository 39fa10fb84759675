/** What this browser keeps: preferences, the token, and the name of each tab; in memory where storage is disabled. */

/** A storage of the browser, or one in memory: `localStorage` itself throws where site data is blocked. @param {() => Storage|null} read @returns {Storage} */
export function storageOf(read) {
  return attempt(read) ?? memoryStorage();
}

/** @returns {Storage} */
function memoryStorage() {
  /** @type {Map<string, string>} */
  const kept = new Map();
  return {
    get length() {
      return kept.size;
    },
    key: (index) => [...kept.keys()][index] ?? null,
    getItem: (name) => kept.get(name) ?? null,
    setItem: (name, value) => void kept.set(name, value),
    removeItem: (name) => void kept.delete(name),
    clear: () => kept.clear(),
  };
}

const PREFERENCE = "backburner.preference.";

/** @param {Storage} storage */
export function createPreferences(storage) {
  /** @type {Map<string, string>} */
  const chosen = new Map();
  return {
    /** @param {string} name @returns {string|null} null when not set */
    read(name) {
      try {
        return chosen.get(name) ?? storage.getItem(PREFERENCE + name);
      } catch {
        return null;
      }
    },
    /** @param {string} name @param {string} value */
    choose(name, value) {
      chosen.set(name, value);
      try {
        storage.setItem(PREFERENCE + name, value);
      } catch {
        // disabled or full: kept until the page is closed
      }
    },
  };
}

/** @typedef {ReturnType<typeof createPreferences>} Preferences */

const NAME = "backburner.token";
const OWNER = "backburner.owner";

/** Characters that a header can carry. */
const TOKEN = /^[\x21-\x7e]+$/;

/** The token in pasted text, or null. @param {string} text */
export function tokenIn(text) {
  const token = text.trim();
  return TOKEN.test(token) ? token : null;
}

/** The token of this page and its owner: in the tab, or in the browser on request. @param {{tab: Storage, browser: Storage}} storages */
export function createSession({ tab, browser }) {
  /** Used when storage is disabled. @type {{token: string, owner: string}|null} */
  let held = null;

  function forget() {
    held = null;
    for (const storage of [tab, browser]) for (const name of [NAME, OWNER]) attempt(() => storage.removeItem(name));
  }

  /** Read from storage each time: another tab may have signed in or out. */
  function stored() {
    for (const storage of [tab, browser]) {
      const [token, owner] = [NAME, OWNER].map((name) => attempt(() => storage.getItem(name)));
      if (token && owner) return { token, owner };
    }
    return held;
  }

  return {
    get token() {
      return stored()?.token ?? null;
    },
    /** The id of the token's owner; "" without a token. */
    get owner() {
      return stored()?.owner ?? "";
    },
    /** @param {{token: string, owner: string}} signed @param {boolean} remember after the tab is closed */
    signIn({ token, owner }, remember) {
      forget();
      const storage = remember ? browser : tab;
      // The token last: another tab that sees its change finds the owner.
      if (!attempt(() => (storage.setItem(OWNER, owner), storage.setItem(NAME, token), true))) held = { token, owner };
    },
    forget,
    /** Whether the event changed the token. @param {StorageEvent} event */
    concerns: ({ key }) => key === NAME || key === null,
  };
}

/** @typedef {ReturnType<typeof createSession>} Session */

/** @template Result @param {() => Result} doing @returns {Result|null} null when storage is full or disabled */
function attempt(doing) {
  try {
    return doing();
  } catch {
    return null;
  }
}

const TAB_NAME = "backburner.tab";
const LOCK = "backburner.tab.";

/** Begins the names of what a copy of the tab must not share. */
export const TAB_STATE = "backburner.tab-state.";

/** A reload gets its lock when the page before has gone; the copy of a tab never gets it. */
const LOCK_WAIT_MS = 300;

/**
 * Names this tab of the browser and tells which other tabs are open, by the browser's locks.
 * @param {object} parts
 * @param {Storage} parts.storage of the tab; copied when the tab is duplicated
 * @param {LockManager|undefined} parts.locks undefined on plain http outside loopback
 * @param {() => string} parts.newId
 */
export async function openTab({ storage, locks, newId }) {
  let id = storage.getItem(TAB_NAME) ?? newId();
  /** @type {Set<string>|null} */
  let others = null;
  if (locks && !(await hold(locks, LOCK + id))) {
    id = newId();
    await hold(locks, LOCK + id);
    for (const name of Object.keys(storage)) if (name.startsWith(TAB_STATE)) storage.removeItem(name);
  }
  keep();
  await look();

  function keep() {
    try {
      storage.setItem(TAB_NAME, id);
    } catch {
      // full: a reload makes another tab of it
    }
  }

  async function look() {
    const held = (await locks?.query().catch(() => null))?.held;
    others = held ? new Set(held.flatMap(({ name }) => (name?.startsWith(LOCK) ? [name.slice(LOCK.length)] : []))) : null;
  }

  return {
    id,
    storage,
    /** Undefined where they do not work. */
    locks: others === null ? undefined : locks,
    /** Whether a tab is open; null if the browser does not say. @param {string} other */
    isOpen: (other) => (others === null ? null : others.has(other)),
    /** Look which tabs are open. */
    look,
  };
}

/** @typedef {Awaited<ReturnType<typeof openTab>>} Tab */

/** Holds the lock until the page is left. @param {LockManager} locks @param {string} name @returns {Promise<boolean>} whether it was free */
const hold = (locks, name) =>
  new Promise((resolve) => {
    const forever = () => (resolve(true), new Promise(() => {}));
    locks.request(name, { signal: AbortSignal.timeout(LOCK_WAIT_MS) }, forever).catch(() => resolve(false));
  });
