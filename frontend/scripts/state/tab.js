/** Names this tab of the browser and tells which other tabs are open, by the browser's locks. */

const NAME = "backburner.tab";
const LOCK = "backburner.tab.";

/** Begins the names of what a copy of the tab must not share. */
export const TAB_STATE = "backburner.tab-state.";

/** A reload gets its lock when the page before has gone; the copy of a tab never gets it. */
const LOCK_WAIT_MS = 300;

/**
 * @param {object} parts
 * @param {Storage} parts.storage of the tab; copied when the tab is duplicated
 * @param {LockManager|undefined} parts.locks undefined on plain http outside loopback
 * @param {() => string} parts.newId
 */
export async function openTab({ storage, locks, newId }) {
  let id = storage.getItem(NAME) ?? newId();
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
      storage.setItem(NAME, id);
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
