/** The facts of a task: cost, tokens, times, ids; those of a deleted one; and task ids as links. */

import { el } from "../../scripts/dom.js";
import { cost, tokens } from "../../scripts/format/cost.js";
import { fullTime } from "../../scripts/format/time.js";
import { taskAddress } from "../../scripts/router.js";
import { isOpen } from "../../scripts/state/tasks.js";

/** @param {import("../../scripts/types.js").Task} task */
export function taskFacts(task) {
  const facts = [
    ...(isOpen(task) ? [] : [["Cost", cost(task)], ["Tokens", tokens(task.usage)]]),
    ...(Number.isInteger(task.searches) ? [["Web searches", String(task.searches)]] : []),
    ...(task.model || task.model_note ? [["Model", [task.model, task.model_note].filter(Boolean).join(". ")]] : []),
    ["Accepted", fullTime(task.created_at)],
    ...(task.submitted_at ? [["Sent", fullTime(task.submitted_at)]] : []),
    ...(task.completed_at ? [["Ended", fullTime(task.completed_at)]] : []),
    ["Task", task.id],
    ...(task.response_id ? [["Response", task.response_id]] : []),
  ];
  const list = el("dl", {}, ...facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  return el("section", { class: "task-facts", "aria-label": "Facts" }, list);
}

/** @param {import("../../scripts/types.js").DeletionReceipt} receipt */
export function deletionReceipt({ id, requested_at, deleted_at, provider, here }) {
  const heading = el("h1", { tabindex: "-1" }, "Deleted");
  const facts = [
    ["At the provider", provider.message],
    ["Here", here.replace(/\S+T\S+Z$/, fullTime)],
    ["Requested", fullTime(requested_at)],
    ["Deleted", fullTime(deleted_at)],
    ["Task", id],
    ...(provider.response_id ? [["Response", provider.response_id]] : []),
  ];
  const list = el("dl", {}, ...facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  const receipt = el("section", { class: "task-facts", "aria-label": "Receipt" }, list);
  return { heading, element: el("article", { class: "task-view" }, heading, el("p", {}, "This task is deleted. This is its receipt."), receipt) };
}

const TASK_ID = /(task_[0-9a-f]{32})/;

/** Text of the API with every task id as a link. @param {string} text @returns {(Node|string)[]} */
export const taskLinks = (text) =>
  text.split(TASK_ID).map((part) => (TASK_ID.test(part) ? el("a", { href: taskAddress(part) }, part) : part));
