/** What each thing that a person can do to a task does, and what it may cost. */

import { isOpen } from "../state/tasks.js";
import { dollars } from "./cost.js";
import { isSimulated, providerAtStart, providerName } from "./status-text.js";
import { fullTime } from "./time.js";

/** @typedef {import("../types.js").TaskSummary} TaskSummary */
/** @typedef {import("../types.js").Estimate} Estimate */

/** What is known of an uncertain submission, to look for it by. @param {TaskSummary} task @returns {{name: string, value: string, isId?: boolean, note?: string}[]} */
export function traces({ id, error, submitted_at, client_request_id }) {
  return [
    ...(error ? [{ name: "What happened", value: error.message }] : []),
    { name: "Sent", value: submitted_at ? fullTime(submitted_at) : "not known" },
    { name: "Task id", value: id, isId: true, note: "its response’s metadata names it as task_id" },
    ...(client_request_id ? [{ name: "Request id", value: client_request_id, isId: true, note: "sent as X-Client-Request-Id" }] : []),
  ];
}

/**
 * @param {TaskSummary} task @param {Estimate|null} [estimate]
 * @returns {Record<"adopt"|"retry"|"abandon", string[]>} what it does; and on what terms, where it cannot be undone
 */
export function actionText(task, estimate = null) {
  const who = providerName(task);
  if (isSimulated(task))
    return {
      adopt: ["The simulator lists every request that it received, with its metadata, at /control/requests. Backburner checks that the response is this task’s and goes on with it."],
      retry: ["A new task with the same conversation. Answers are made up, so nothing is paid.", "This task then ends, and the new one takes its place."],
      abandon: ["Nothing more is sent. An answer, if there is one, stays with the simulator.", "This task then ends for good."],
    };
  return {
    adopt: [`This costs nothing more. Look in the logs of the OpenAI dashboard, at the time of sending, for a response whose metadata names the task id. Backburner checks that it is this task’s and goes on with it.`],
    retry: ["A new task with the same conversation. If the first one did arrive, you pay twice.", `${usualPrice(estimate)} Should ${who} have the first one, both are paid. This task then ends, and the new one takes its place.`],
    abandon: [`Nothing more is sent. The answer, if there is one, stays at ${who}, and its cost with you.`, "This task then ends for good."],
  };
}

/** What cancelling the task does now. @param {TaskSummary} task */
export function cancelTerms(task) {
  if (task.status === "queued") return "Nothing has been sent yet, so this costs nothing. The task ends for good.";
  const charge = isSimulated(task) ? "Nothing is paid." : "What it has used so far may be charged.";
  return `${providerAtStart(task)} is asked to stop. ${charge} The task ends for good, without an answer.`;
}

/** Whether an ended task can be sent again. @param {TaskSummary} task */
export const mayRetry = (task) => !isOpen(task) && task.error?.code !== "superseded" && task.deletion === null;

/** @param {TaskSummary} task */
export const mayDelete = (task) => !isOpen(task) && task.deletion === null;

/** What sending an ended task again does. @param {TaskSummary} task @param {Estimate|null} estimate */
export function retryTerms(task, estimate) {
  const price = isSimulated(task) ? "The answer is made up; nothing is paid." : usualPrice(estimate);
  return `A new task with the same conversation. ${price} This one stays as it is.`;
}

/** What deleting an ended task does. @param {TaskSummary} task */
export function deleteTerms(task) {
  const there = task.response_id ? `It is deleted at ${providerName(task)} first, and then here` : "It is deleted here";
  return `${there}: the conversation, the answer and all that was made of them. This cannot be undone. A receipt stays for 30 days, and what it cost stays in the sums.`;
}

/** What one more task costs, by what others did. @param {Estimate|null} estimate */
export function usualPrice(estimate) {
  if (!estimate?.cost_usd) return "It has a cost of its own; too few tasks have ended here to say what it will be.";
  const { p50, p90 } = estimate.cost_usd;
  return `It costs about ${dollars(p50)}; of the tasks before, nine of ten cost at most ${dollars(p90)}.`;
}

/** The response id in what was typed or pasted, an address for instance. @param {string} text @returns {string|null} */
export const responseIdIn = (text) => /resp_[\w-]+/.exec(text)?.[0] ?? null;
