/** Keeps drafts over a reload; where the browser keeps nothing, they live as long as the page. */

const DRAFT = "backburner.draft.";
const ORDER = "backburner.drafts";

/** Drafts that are kept; the oldest of more is dropped, if no task may exist under its key. */
const MOST_DRAFTS = 50;

/** @param {Storage} storage */
export function createDrafts(storage) {
  /** @type {Map<string, string>} */
  const memory = new Map();

  /** @param {string} slot @returns {import("./draft.js").Draft<any>|null} */
  function load(slot) {
    try {
      return JSON.parse(memory.get(slot) ?? storage.getItem(DRAFT + slot) ?? "null");
    } catch {
      return null;
    }
  }

  /** Every slot that is kept, the one used last at the end. @returns {string[]} */
  const order = () => JSON.parse(storage.getItem(ORDER) ?? "[]");

  /** @returns {string[]} */
  function kept() {
    try {
      return order();
    } catch {
      return [];
    }
  }

  /** @param {string} slot */
  function makeRoom(slot) {
    const slots = [...order().filter((other) => other !== slot), slot];
    const dropped = slots.length > MOST_DRAFTS && slots.find((other) => other !== slot && load(other)?.attempt !== "uncertain");
    if (dropped) remove(dropped);
    storage.setItem(ORDER, JSON.stringify(slots.filter((other) => other !== dropped)));
  }

  /** @param {string} slot */
  function remove(slot) {
    memory.delete(slot);
    try {
      storage.removeItem(DRAFT + slot);
      storage.setItem(ORDER, JSON.stringify(order().filter((other) => other !== slot)));
    } catch {
      // nothing was kept, so nothing is left
    }
  }

  return {
    load,
    /** Says whether the draft will outlive the page. @param {string} slot @param {import("./draft.js").Draft<any>} draft */
    save(slot, draft) {
      const text = JSON.stringify(draft);
      memory.set(slot, text);
      try {
        storage.setItem(DRAFT + slot, text);
        makeRoom(slot);
        return true;
      } catch {
        return false; // full, or switched off: the page says so
      }
    },
    remove,
    get count() {
      return kept().length;
    },
    removeAll() {
      kept().forEach(remove);
      memory.clear();
    },
    /** Believe only what is kept: another tab may have removed it. */
    reread: () => memory.clear(),
  };
}

/** @typedef {ReturnType<typeof createDrafts>} Drafts */
