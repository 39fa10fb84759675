/** Texts of the actions on a task: what each does and costs, and when it is offered. */

import { isOpen } from "../state/tasks.js";
import { dollars } from "./cost.js";
import { isSimulated, providerAtStart, providerName } from "./status-text.js";
import { fullTime } from "./time.js";

/** @typedef {import("../types.js").TaskSummary} TaskSummary */
/** @typedef {import("../types.js").Estimate} Estimate */

/** What is known of an unconfirmed submission, to find it at the provider. @param {TaskSummary} task @returns {{name: string, value: string, isId?: boolean, note?: string}[]} */
export function traces({ id, error, submitted_at, client_request_id }) {
  return [
    ...(error ? [{ name: "What happened", value: error.message }] : []),
    { name: "Sent", value: submitted_at ? fullTime(submitted_at) : "unknown" },
    { name: "Task id", value: id, isId: true, note: "in the response’s metadata as task_id" },
    ...(client_request_id ? [{ name: "Request id", value: client_request_id, isId: true, note: "sent as X-Client-Request-Id" }] : []),
  ];
}

/**
 * @param {TaskSummary} task @param {Estimate|null} [estimate]
 * @returns {Record<"adopt"|"retry"|"abandon", string[]>} what it does; and the terms to confirm
 */
export function actionText(task, estimate = null) {
  const who = providerName(task);
  if (isSimulated(task))
    return {
      adopt: ["The simulator lists every request that it received, with its metadata, at /control/requests. Backburner checks that the response belongs to this task and continues with it."],
      retry: ["A new task with the same conversation. Answers are made up, so nothing is paid.", "This task ends, and the new one replaces it."],
      abandon: ["Nothing more is sent. An answer, if there is one, stays with the simulator.", "This task ends."],
    };
  return {
    adopt: ["This costs nothing more. In the logs of the OpenAI dashboard, look at the time of sending for a response whose metadata has the task id. Backburner checks that it belongs to this task and continues with it."],
    retry: ["A new task with the same conversation. If OpenAI received the first request, you pay twice.", `${usualPrice(estimate)} If ${who} received the first request, both are paid. This task ends, and the new one replaces it.`],
    abandon: [`Nothing more is sent. If ${who} answers the request, you pay for it and do not get the answer.`, "This task ends."],
  };
}

/** What cancelling does. @param {TaskSummary} task */
export function cancelTerms(task) {
  if (task.status === "queued") return "Nothing has been sent yet, so this costs nothing. The task ends.";
  const charge = isSimulated(task) ? "Nothing is paid." : "What was used so far may be charged.";
  return `Backburner asks ${providerName(task)} to stop. ${charge} The task ends without an answer.`;
}

/** Whether the task can be retried. @param {TaskSummary} task */
export const mayRetry = (task) => !isOpen(task) && task.error?.code !== "superseded" && task.deletion === null;

/** Again after an attempt that failed: here only. @param {TaskSummary} task */
export const mayDelete = (task) => !isOpen(task) && (task.deletion === null || task.deletion.attempts > 0);

/** What a retry does. @param {TaskSummary} task @param {Estimate|null} estimate */
export function retryTerms(task, estimate) {
  const price = isSimulated(task) ? "The answer is made up; nothing is paid." : usualPrice(estimate);
  return `A new task with the same conversation. ${price} This task stays unchanged.`;
}

/** What deletion does. @param {TaskSummary} task */
export function deleteTerms(task) {
  if (task.deletion)
    return `${providerAtStart(task)} has not confirmed the deletion, which is tried again. You can delete the task here only: the receipt then says that the response may still be at ${providerName(task)}.`;
  const there = task.response_id ? `Deleted at ${providerName(task)} first, then here` : "Deleted here";
  return `${there}: the conversation, the answer and everything derived from them. This cannot be undone. A receipt is kept for 30 days, and the cost stays in the totals.`;
}

/** Usual cost of one more task. @param {Estimate|null} estimate */
export function usualPrice(estimate) {
  if (!estimate?.cost_usd) return "No estimate yet: that needs five finished tasks.";
  const { p50, p90 } = estimate.cost_usd;
  return `Usually ${dollars(p50)}; rarely over ${dollars(p90)}.`;
}

/** The response id in pasted text, such as an address; other providers' ids have other forms. @param {string} text @returns {string|null} */
export function responseIdIn(text) {
  const whole = text.trim();
  return /^[^\s/]{1,512}$/u.test(whole) ? whole : (/resp_[\w-]+/.exec(whole)?.[0] ?? null);
}
