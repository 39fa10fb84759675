/** Keeps drafts over a reload; where the browser keeps nothing, they live as long as the page. */

const PREFIX = "backburner.draft.";

/** @param {Storage} storage */
export function createDrafts(storage) {
  /** @type {Map<string, string>} */
  const memory = new Map();
  return {
    /** @param {string} slot @returns {import("./draft.js").Draft<any>|null} */
    load(slot) {
      try {
        return JSON.parse(memory.get(slot) ?? storage.getItem(PREFIX + slot) ?? "null");
      } catch {
        return null;
      }
    },
    /** Says whether the draft will outlive the page. @param {string} slot @param {import("./draft.js").Draft<any>} draft */
    save(slot, draft) {
      const text = JSON.stringify(draft);
      memory.set(slot, text);
      try {
        storage.setItem(PREFIX + slot, text);
        return true;
      } catch {
        return false; // full, or switched off: the page says so
      }
    },
    /** @param {string} slot */
    remove(slot) {
      memory.delete(slot);
      try {
        storage.removeItem(PREFIX + slot);
      } catch {
        // nothing was kept, so nothing is left
      }
    },
  };
}

/** @typedef {ReturnType<typeof createDrafts>} Drafts */
