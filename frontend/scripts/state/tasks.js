/** Tasks as values: what a status implies, and how a fresh reading changes the list of tasks. */

/** @typedef {import("../types.js").TaskSummary} TaskSummary */
/** @typedef {import("../types.js").TaskPage} TaskPage */

/** In the order of a task's life. @type {import("../types.js").Status[]} */
export const STATUSES = ["queued", "submitting", "in_progress", "unconfirmed", "completed", "incomplete", "failed", "cancelled"];

const ENDED = new Set(["completed", "incomplete", "failed", "cancelled"]);
const ANSWERED = new Set(["completed", "incomplete"]);

/** Whether the task has not ended yet. @param {TaskSummary} task */
export const isOpen = (task) => !ENDED.has(task.status);

/** Whether the provider is asked about it, now or soon. @param {TaskSummary} task */
export const isChecked = (task) => isOpen(task) || isWatched(task);

/** Whether there may be news of it without anybody doing anything. @param {TaskSummary} task */
export const isLive = (task) => isChecked(task) || task.deletion !== null || task.receipt?.settled === false;

/** Whether the provider has ended its response, and that is kept here. @param {TaskSummary} task */
export const hasFinalResponse = (task) => ENDED.has(task.provider_status ?? "") && !isChecked(task);

/** Whether the provider is still asked how it ended there. @param {TaskSummary} task */
export const isWatched = (task) => task.completed_at !== null && task.next_poll_at !== null;

/** Whether an answer came after our own end. @param {TaskSummary} task */
export const isLateAnswer = ({ receipt, provider_status }) => receipt !== null && ANSWERED.has(provider_status ?? "");

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

/** Only its end can overlap the page, and a list may be very long. @param {TaskSummary[]} known @param {TaskPage} page @returns {TaskSummary[]} */
export function appendOlder(known, page) {
  const ids = new Set(known.slice(-page.data.length).map((task) => task.id));
  return [...known, ...page.data.filter((task) => !ids.has(task.id))];
}

/** The newer of two readings, where both are of one task. @template {TaskSummary} Reading @param {Reading} held @param {Reading} task */
export const newer = (held, task) => (held.id === task.id && held.version <= task.version ? task : held);

/** Put one newer reading of a task in its place, or a new task at the top; one older than the list stays out. @param {TaskSummary[]} known @param {TaskSummary} task */
export function replaceOne(known, task) {
  if (known.some((other) => other.id === task.id)) return known.map((other) => newer(other, task));
  return known.length > 0 && task.created_at < known[0].created_at ? known : [task, ...known];
}

/** What the open view has to read again. @param {import("../types.js").Task|null} shown @param {TaskSummary|undefined} listed */
export function isStale(shown, listed) {
  if (shown === null) return true;
  return listed ? listed.version > shown.version : isLive(shown);
}

/** The full task with the list's newer count of checks. @param {import("../types.js").Task} shown @param {TaskSummary|undefined} listed */
export function withChecks(shown, listed) {
  return listed?.version === shown.version ? { ...shown, ...listed } : shown;
}

const SOON = 2_000;
const LATER = 10_000;
const LONGEST = 30_000;

/** Milliseconds after which a check that was due has been noted. */
const NOTED = 1_000;

/**
 * Milliseconds until the list is read again.
 * @param {{live: TaskSummary[], now: number, visible: boolean, streaming: boolean, failures: number}} situation
 */
export function nextReadDelay({ live, now, visible, streaming, failures }) {
  if (failures > 0) return Math.min(LONGEST, SOON * 2 ** (failures - 1));
  if (!visible) return LONGEST;
  if (!streaming) return live.length > 0 ? SOON : LATER;
  const due = live.flatMap(({ next_poll_at }) => (next_poll_at ? [Date.parse(next_poll_at) + NOTED - now] : []));
  return Math.min(LATER, Math.max(SOON, Math.min(...due)));
}
