/** What is looked for among the tasks, and what to say when nothing is found. */

import { Refused } from "./api.js";

/** @typedef {import("./router.js").Query} Query */

/** The states one can ask for, in the order of a task's life. @type {Record<import("./types.js").Status, string>} */
export const STATES = {
  queued: "Queued",
  submitting: "Sending",
  in_progress: "In progress",
  unconfirmed: "Unconfirmed",
  completed: "Completed",
  incomplete: "Incomplete",
  failed: "Failed",
  cancelled: "Cancelled",
};

/** @param {Query} query */
export function nothingFound({ status, q }) {
  if (q) return `Nothing ${status ? "in this state " : ""}has all these words. A word is matched whole: end it with * to find what begins like it.`;
  if (status === "unconfirmed") return "None: of every task it is known what came of it.";
  if (status) return "None is in this state.";
  return "None yet. A task stays here until you come back for it.";
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
