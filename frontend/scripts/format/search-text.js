/** What is looked for among the tasks, and what to say when nothing is found. */

import { Refused } from "../connection/api.js";
import { longDate, dayRange } from "./time.js";

/** @typedef {import("../router.js").Query} Query */

/** The states one can ask for, in the order of a task's life. @type {Record<import("../types.js").Status, string>} */
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

/** "from 1 November 2026 to 23 November 2026"; "" where all days are meant. @param {Pick<Query, "from"|"to">} query */
function inDays({ from, to }) {
  if (from && from === to) return `on ${longDate(from)}`;
  return [from && `from ${longDate(from)} on`, to && `until ${longDate(to)}`].filter(Boolean).join(" ");
}

/** @param {Query} query */
export function nothingFound({ status, q, from, to }) {
  if (from && to && from > to) return "The first day is after the last one.";
  const days = inDays({ from, to });
  if (days) return `No task ${status ? "in this state " : ""}${q ? "with all these words " : ""}was handed in ${days}.`;
  if (q) return `Nothing ${status ? "in this state " : ""}has all these words. A word is matched whole: end it with * to find what begins like it.`;
  if (status === "unconfirmed") return "None: of every task it is known what came of it.";
  if (status) return "None is in this state.";
  return "None yet. What you hand in under “New task” is answered while you are away, and stays here, with its answer and its cost, until you come back for it.";
}

/** Whether asking again would not help. @param {unknown} error */
export const isMisunderstood = (error) => error instanceof Refused && error.status === 422;

/** Why there is no list, with what helps. @param {unknown} error */
export function explainSearch(error) {
  if (!(error instanceof Refused)) return "Backburner did not answer; it is asked again by itself.";
  const { problem, message } = error;
  if (isMisunderstood(error)) return problem.errors?.map((each) => each.message).join(" ") || message;
  return `${message} It is asked again by itself.`;
}
