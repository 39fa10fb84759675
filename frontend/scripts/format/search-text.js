/** Texts of the task search: status names, empty results, errors. */

import { Refused } from "../connection/api.js";
import { dayRange, LANGUAGE, longDate } from "./time.js";

/** @typedef {import("../router.js").Query} Query */

/** In the order of a task's life. @type {Record<import("../types.js").Status, string>} */
export const STATUS_LABELS = {
  queued: "Queued",
  submitting: "Sending",
  in_progress: "In progress",
  unconfirmed: "Unconfirmed",
  completed: "Completed",
  incomplete: "Incomplete",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** "from 1 November 2026 to 23 November 2026"; "" without days. @param {Pick<Query, "from"|"to">} query */
function inDays({ from, to }) {
  if (from && from === to) return `on ${longDate(from)}`;
  return [from && `from ${longDate(from)} on`, to && `until ${longDate(to)}`].filter(Boolean).join(" ");
}

/** @param {Query} query */
export function nothingFound({ status, q, from, to, archived }) {
  if (from && to && from > to) return "The first day is after the last day.";
  const days = inDays({ from, to });
  if (days) return `No task ${status ? "with this status " : ""}${q ? "with all these words " : ""}was sent ${days}.`;
  if (q) return `No task ${status ? "with this status " : ""}has all these words. Words match whole; end one with * to match its beginning.`;
  if (archived) return "No task is archived.";
  if (status === "unconfirmed") return "No task is unconfirmed.";
  if (status) return "No task has this status.";
  return "No tasks yet. Tasks that you start under “New task” are listed here with their answer and cost.";
}

const MAX_FOUND = 1_000; // a search counts no further

/**
 * How many tasks there are, and which of them a sorted list shows.
 * @param {Pick<Query, "q"|"sort">} query
 * @param {{shown: number, total: number|null, compared: number|null, isWhole: boolean}} found `shown` of the page, which has all if `isWhole`
 */
export function countText({ q, sort }, { shown, total, compared, isWhole }) {
  if (shown === 0) return "";
  const all = isWhole || total === null ? shown : total;
  const many = q && all > MAX_FOUND ? `over ${number(MAX_FOUND)}` : isWhole || total !== null ? number(all) : `${number(all)} or more`;
  const tasks = `${many} ${all === 1 ? "task" : "tasks"}`;
  if (!sort || compared === null) return upper(tasks);
  const kind = sort === "cost" ? "most expensive" : "longest";
  if (total !== null && compared < total) return `The ${number(shown)} ${kind} of the latest ${number(compared)} tasks`;
  return shown < compared ? `The ${number(shown)} ${kind} of ${number(compared)} tasks` : upper(tasks);
}

const number = (/** @type {number} */ count) => count.toLocaleString(LANGUAGE);
const upper = (/** @type {string} */ text) => text[0].toUpperCase() + text.slice(1);

/** Whether a retry cannot help. @param {unknown} error */
export const isMisunderstood = (error) => error instanceof Refused && error.status === 422;

/** Why there is no result, and what to do. @param {unknown} error */
export function explainSearch(error) {
  if (!(error instanceof Refused)) return "Backburner did not respond. Trying again automatically.";
  const { problem, message } = error;
  if (isMisunderstood(error)) return problem.errors?.map((each) => each.message).join(" ") || message;
  return `${message} Trying again automatically.`;
}
