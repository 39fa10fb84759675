/** Preferences and the token, stored in this browser; in memory where storage is disabled. */

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
