/** Explains errors of the API: what happened, and what to do. */

import { Refused } from "../connection/api.js";
import { duration } from "./time.js";

/** @typedef {{summary: string, advice: string, fields: {place: string|number, message: string}[]}} Explanation */

/** Whether a task may exist after this error. @param {unknown} error @returns {"refused"|"uncertain"|"conflict"} */
export function outcomeOf(error) {
  if (!(error instanceof Refused)) return "uncertain";
  if (isKeyConflict(error)) return "conflict";
  return error.status >= 400 && error.status < 500 && error.status !== 408 ? "refused" : "uncertain";
}

/** @param {Refused} error */
function isKeyConflict({ status, problem }) {
  const named = [problem.type, ...(problem.errors ?? []).map((each) => each.field)];
  return status === 422 && named.some((name) => /idempotency/i.test(name ?? ""));
}

/**
 * @param {unknown} error
 * @param {(string|number|null)[]} places of each message in the form; null for a message without a field
 * @returns {Explanation}
 */
export function explain(error, places = []) {
  if (!(error instanceof Refused))
    return { summary: "Backburner did not respond.", advice: "Your text is kept. Sending it again is safe: it makes no second task.", fields: [] };
  const found = (error.problem.errors ?? []).map(({ field, message }) => ({ field, message, place: placeOf(field, places) }));
  return {
    summary: summaryOf(error, found.filter(({ place }) => place === null)),
    advice: adviceFor(error),
    fields: found.flatMap(({ place, message }) => (place === null ? [] : [{ place, message }])),
  };
}

/**
 * The same for an action on a task; `uncertain` when it may have been carried out.
 * @param {unknown} error @returns {{summary: string, advice: string, uncertain: boolean}}
 */
export function explainAction(error) {
  if (!(error instanceof Refused))
    return { summary: "Backburner did not respond.", advice: `The action may have been carried out. ${ONCE}`, uncertain: true };
  const { status, problem, retryAfter } = error;
  const summary = problem.detail || problem.title || `Backburner refused the request (HTTP ${status}).`;
  if (status === 409) return { summary: "Nothing was changed.", advice: "The status of the task has changed in the meantime and is shown now.", uncertain: false };
  if (outcomeOf(error) === "uncertain") return { summary, advice: `Try again ${after(retryAfter)}. ${ONCE}`, uncertain: true };
  return { summary, advice: retryAfter === null ? "Nothing was changed." : `Nothing was changed. Try again ${after(retryAfter)}.`, uncertain: false };
}

const ONCE = "Trying again is safe: it is carried out only once.";

/** @param {number|null} seconds */
const after = (seconds) => (seconds === null ? "later" : `in ${duration(seconds * 1000)}`);

/** @param {Refused} error @param {{field: string, message: string}[]} unplaced */
function summaryOf(error, unplaced) {
  const { errors, detail, title } = error.problem;
  if (isKeyConflict(error)) return "An earlier version of this text was already accepted.";
  if (unplaced.length > 0) return unplaced.map(({ field, message }) => `${field}: ${message}`).join(" ");
  if (errors?.length) return "The conversation is not valid.";
  return detail || title || `Backburner refused the request (HTTP ${error.status}).`;
}

/** @param {Refused} error */
function adviceFor(error) {
  const wait = after(error.retryAfter);
  if (isKeyConflict(error))
    return "It is in the task list. Send this one too only if you want both: both are paid.";
  if (error.status === 413) return "Shorten the conversation and send it again.";
  if (error.status === 429) return `Nothing was started. Your text is kept. Try again ${wait}.`;
  if (error.status === 422) return "Nothing was started. Correct the marked fields and send it again.";
  if (error.status >= 500) return `Your text is kept. Try again ${wait}. Sending it again is safe: it makes no second task.`;
  return "Nothing was started. Your text is kept.";
}

/** @param {string} field such as "input[2].content" @param {(string|number|null)[]} places */
function placeOf(field, places) {
  const index = /^input\[(\d+)\]/.exec(field)?.[1];
  return places[Number(index ?? NaN)] ?? null;
}
