/** Tasks as values: what a status implies, and how a fresh reading changes the list of tasks. */

/** @typedef {import("../types.js").TaskSummary} TaskSummary */
/** @typedef {import("../types.js").TaskPage} TaskPage */

/** In the order of a task's life. @type {import("../types.js").Status[]} */
export const STATUSES = ["queued", "submitting", "in_progress", "unconfirmed", "completed", "incomplete", "failed", "cancelled"];

const ENDED = new Set(["completed", "incomplete", "failed", "cancelled"]);
const ANSWERED = new Set(["completed", "incomplete"]);

/** Whether the task has not ended. @param {TaskSummary} task */
export const isOpen = (task) => !ENDED.has(task.status);

/** Whether Backburner polls the provider about it. @param {TaskSummary} task */
export const isChecked = (task) => isOpen(task) || isWatched(task);

/** Whether it may change without an action. @param {TaskSummary} task */
export const isLive = (task) => isChecked(task) || task.deletion !== null || task.receipt?.settled === false;

/** Whether the final response of the provider is stored. @param {TaskSummary} task */
export const hasFinalResponse = (task) => ENDED.has(task.provider_status ?? "") && !isChecked(task);

/** Whether the task has ended here and Backburner still polls for the end at the provider. @param {TaskSummary} task */
export const isWatched = (task) => task.completed_at !== null && task.next_poll_at !== null;

/** Whether an answer arrived after the task had ended here. @param {TaskSummary} task */
export const isLateAnswer = ({ receipt, provider_status }) => receipt !== null && ANSWERED.has(provider_status ?? "");

/** The parts of a message as one text. @param {import("../types.js").Message} message */
export const textOf = ({ content }) => (typeof content === "string" ? content : content.map((part) => part.text).join("\n\n"));

/** Whether there is an answer to continue. @param {import("../types.js").Task} task */
export const canFollowUp = (task) => Boolean(task.output_text?.trim());

/** Whether the task has ended or needs a decision. @param {TaskSummary} task */
export const needsPerson = (task) => !isOpen(task) || needsDecision(task);

/** Whether only a person can settle it. @param {TaskSummary} task */
export const needsDecision = (task) => task.status === "unconfirmed" && task.adopting === null;

/** Sections of the sidebar, in their order. @typedef {"Needs you"|"Running"|"Pinned"|"Today"|"Yesterday"|"Older"} Group */

/** Null for an archived task, unless it is open. @param {TaskSummary} task @param {number} now @returns {Group|null} */
export function groupOf(task, now) {
  if (needsDecision(task)) return "Needs you";
  if (isOpen(task)) return "Running";
  if (task.archived) return null;
  if (task.pinned) return "Pinned";
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const created = Date.parse(task.created_at);
  if (created >= midnight) return "Today";
  return created >= new Date(midnight).setDate(new Date(midnight).getDate() - 1) ? "Yesterday" : "Older";
}

/**
 * Merges the newest page into the list. A known task in the page's range that the page lacks
 * is gone; older tasks stay. Both are newest first.
 * @param {TaskSummary[]} known @param {TaskPage} page @returns {TaskSummary[]}
 */
export function mergeNewest(known, page) {
  const fresh = new Set(page.data.map((task) => task.id));
  const oldest = page.data.at(-1)?.created_at;
  const beyond = (/** @type {TaskSummary} */ task) =>
    page.next_cursor !== null && oldest !== undefined && task.created_at <= oldest && !fresh.has(task.id);
  return [...page.data, ...known.filter(beyond)];
}

/** Compares only the end of the list, which may be very long. @param {TaskSummary[]} known @param {TaskPage} page @returns {TaskSummary[]} */
export function appendOlder(known, page) {
  const ids = new Set(known.slice(-page.data.length).map((task) => task.id));
  return [...known, ...page.data.filter((task) => !ids.has(task.id))];
}

/** The newer version, if both are the same task. @template {TaskSummary} Reading @param {Reading} held @param {Reading} task */
export const newer = (held, task) => (held.id === task.id && held.version <= task.version ? task : held);

/** Replaces a task by a newer version or adds a new one at the top; one older than the list is left out. @param {TaskSummary[]} known @param {TaskSummary} task */
export function replaceOne(known, task) {
  if (known.some((other) => other.id === task.id)) return known.map((other) => newer(other, task));
  return known.length > 0 && task.created_at < known[0].created_at ? known : [task, ...known];
}

/** Whether the open task must be read again. @param {import("../types.js").Task|null} shown @param {TaskSummary|undefined} listed */
export function isStale(shown, listed) {
  if (shown === null) return true;
  return listed ? listed.version > shown.version : isLive(shown);
}

/** The full task with the list's newer poll times. @param {import("../types.js").Task} shown @param {TaskSummary|undefined} listed */
export function withChecks(shown, listed) {
  return listed?.version === shown.version ? { ...shown, ...listed } : shown;
}

const ACTIVE_READ_MS = 2_000;
const IDLE_READ_MS = 10_000;
const MAX_READ_MS = 30_000;

/** After which a poll that was due has been recorded. */
const POLL_RECORDED_MS = 1_000;

/**
 * Milliseconds until the next reading of the list.
 * @param {{live: TaskSummary[], now: number, visible: boolean, streaming: boolean, failures: number}} situation
 */
export function nextReadDelay({ live, now, visible, streaming, failures }) {
  if (failures > 0) return Math.min(MAX_READ_MS, ACTIVE_READ_MS * 2 ** (failures - 1));
  if (!visible) return MAX_READ_MS;
  if (!streaming) return live.length > 0 ? ACTIVE_READ_MS : IDLE_READ_MS;
  const due = live.flatMap(({ next_poll_at }) => (next_poll_at ? [Date.parse(next_poll_at) + POLL_RECORDED_MS - now] : []));
  return Math.min(IDLE_READ_MS, Math.max(ACTIVE_READ_MS, Math.min(...due)));
}
