/**
 * Drafts and their idempotency keys, kept in the browser over a reload.
 *
 * A key stands for one task. A draft keeps its key while a task may exist under it: the same
 * text then yields that task, and another text is refused as a conflict, so that nothing starts
 * twice. The key changes when the text changes after a definite refusal, and when a person
 * decides to send a conflicting text as a task of its own.
 */

/** @typedef {null|"refused"|"uncertain"|"conflict"} Attempt result of the last submission */
/**
 * @template Content
 * @typedef {{key: string, content: Content, attempt: Attempt}} Draft
 */

/** @template C @param {string} key @param {C} content @returns {Draft<C>} */
export const freshDraft = (key, content) => ({ key, content, attempt: null });

/** @template C @param {Draft<C>} draft @param {C} content @param {() => string} newKey @returns {Draft<C>} */
export function edited(draft, content, newKey) {
  if (draft.attempt === "refused") return freshDraft(newKey(), content);
  return { ...draft, content };
}

/** Stored before the request: a page that closes meanwhile must keep the key. @template C @param {Draft<C>} draft @returns {Draft<C>} */
export const sending = (draft) => ({ ...draft, attempt: "uncertain" });

/**
 * The draft after a submission that was not accepted. A refusal does not settle an earlier
 * submission without a response.
 * @template C @param {Draft<C>} before the draft before this submission
 * @param {"refused"|"uncertain"|"conflict"} outcome @returns {Draft<C>}
 */
export function settled(before, outcome) {
  const unresolved = before.attempt === "uncertain" && outcome === "refused";
  return { ...before, attempt: unresolved ? "uncertain" : outcome };
}

/** Submit the text as a task of its own, although another may exist. @template C @param {Draft<C>} draft @param {() => string} newKey @returns {Draft<C>} */
export const withNewKey = (draft, newKey) => freshDraft(newKey(), draft.content);

const DRAFT = "backburner.draft.";
const ORDER = "backburner.drafts";

/** Of more, the one unused longest is dropped, unless a task may exist under its key. */
const MAX_DRAFTS = 50;

/** @param {Storage} storage */
export function createDrafts(storage) {
  /** @type {Map<string, string>} */
  const memory = new Map();

  /** @param {string} slot @returns {Draft<any>|null} */
  function load(slot) {
    try {
      return JSON.parse(memory.get(slot) ?? storage.getItem(DRAFT + slot) ?? "null");
    } catch {
      return null;
    }
  }

  /** Stored slots, the last used at the end. @returns {string[]} */
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
    const dropped = slots.length > MAX_DRAFTS && slots.find((other) => other !== slot && load(other)?.attempt !== "uncertain");
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
      // storage is disabled: nothing to remove
    }
  }

  return {
    load,
    /** Returns whether the draft survives a reload. @param {string} slot @param {Draft<any>} draft */
    save(slot, draft) {
      const text = JSON.stringify(draft);
      memory.set(slot, text);
      try {
        storage.setItem(DRAFT + slot, text);
        makeRoom(slot);
        return true;
      } catch {
        return false; // full or disabled: the page says so
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
    /** Drop the copies in memory: another tab may have removed drafts. */
    reread: () => memory.clear(),
  };
}

/** @typedef {ReturnType<typeof createDrafts>} Drafts */
