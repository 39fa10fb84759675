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
export const sentAnew = (draft, newKey) => freshDraft(newKey(), draft.content);
