/** The list of tasks as values: how a fresh page changes it and what that means for the reader. */

import { describe, isOpen } from "./states.js";

/** @typedef {import("./types.js").TaskSummary} TaskSummary */
/** @typedef {import("./types.js").TaskPage} TaskPage */

/**
 * The newest page over what is known. What the page should show and does not is gone;
 * what lies beyond it is kept. Both are newest first.
 * @param {TaskSummary[]} known @param {TaskPage} page @returns {TaskSummary[]}
 */
export function mergeNewest(known, page) {
  const fresh = new Set(page.data.map((task) => task.id));
  const oldest = page.data.at(-1)?.created_at;
  const beyond = (/** @type {TaskSummary} */ task) =>
    page.next_cursor !== null && oldest !== undefined && task.created_at <= oldest && !fresh.has(task.id);
  return [...page.data, ...known.filter(beyond)];
}

/** @param {TaskSummary[]} known @param {TaskPage} page @returns {TaskSummary[]} */
export function appendOlder(known, page) {
  const ids = new Set(known.map((task) => task.id));
  return [...known, ...page.data.filter((task) => !ids.has(task.id))];
}

/** Put one newer reading of a task in its place, or at the top. @param {TaskSummary[]} known @param {TaskSummary} task */
export function replaceOne(known, task) {
  if (!known.some((other) => other.id === task.id)) return [task, ...known];
  return known.map((other) => (other.id === task.id && other.version <= task.version ? task : other));
}

/** One sentence per task whose word for its state changed. @param {TaskSummary[]} before @param {TaskSummary[]} after */
export function changesInWords(before, after) {
  const words = new Map(before.map((task) => [task.id, describe(task).word]));
  return after
    .filter((task) => words.has(task.id) && words.get(task.id) !== describe(task).word)
    .map((task) => `${task.title}: ${describe(task).word}.`);
}

/** What the open view has to read again. @param {import("./types.js").Task|null} shown @param {TaskSummary|undefined} listed */
export function isStale(shown, listed) {
  if (shown === null) return true;
  return listed ? listed.version > shown.version : isOpen(shown);
}

/** The full task with the list's newer count of checks. @param {import("./types.js").Task} shown @param {TaskSummary|undefined} listed */
export function withChecks(shown, listed) {
  return listed?.version === shown.version ? { ...shown, ...listed } : shown;
}

const SOON = 2_000;
const LATER = 10_000;
const LONGEST = 30_000;

/**
 * Milliseconds until the list is read again.
 * @param {{open: boolean, visible: boolean, failures: number}} situation
 */
export function nextReading({ open, visible, failures }) {
  if (failures > 0) return Math.min(LONGEST, SOON * 2 ** (failures - 1));
  if (!visible) return LONGEST;
  return open ? SOON : LATER;
}
