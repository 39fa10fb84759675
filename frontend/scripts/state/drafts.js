/**
 * When a draft keeps its idempotency key and when it gets a new one.
 *
 * A key stands for one task. It is kept for as long as a task may exist under it that the
 * page has not heard of: sent again, the same text yields that task, and another text is
 * refused as a conflict, so that nothing is ever started twice. It changes when the text
 * changes after a definite refusal, and when a person decides to send a conflicting text anyway.
 */

/** @typedef {null|"refused"|"uncertain"|"conflict"} Attempt what is known of the last sending */
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

/** Stored before anything is sent: a page that closes in between must not forget the key. @template C @param {Draft<C>} draft @returns {Draft<C>} */
export const sending = (draft) => ({ ...draft, attempt: "uncertain" });

/**
 * The draft after a sending that was not accepted. A refusal of this sending says nothing
 * about an earlier one that got no answer.
 * @template C @param {Draft<C>} before the draft as it was before this sending
 * @param {"refused"|"uncertain"|"conflict"} outcome @returns {Draft<C>}
 */
export function settled(before, outcome) {
  const unresolved = before.attempt === "uncertain" && outcome === "refused";
  return { ...before, attempt: unresolved ? "uncertain" : outcome };
}

/** A person's word: send it although another text may already be a task. @template C @param {Draft<C>} draft @param {() => string} newKey @returns {Draft<C>} */
export const withNewKey = (draft, newKey) => freshDraft(newKey(), draft.content);

/* Keeps drafts over a reload; where the browser keeps nothing, they live as long as the page. */

const DRAFT = "backburner.draft.";
const ORDER = "backburner.drafts";

/** Drafts that are kept; the oldest of more is dropped, if no task may exist under its key. */
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
      // nothing was kept, so nothing is left
    }
  }

  return {
    load,
    /** Says whether the draft will outlive the page. @param {string} slot @param {Draft<any>} draft */
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
