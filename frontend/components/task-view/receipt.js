/** What the task used and cost, and its raw form for the curious. */

import { taskPath } from "../../scripts/api.js";
import { el } from "../../scripts/dom.js";
import { cost, tokens } from "../../scripts/figures.js";
import { isOpen, isWhole } from "../../scripts/states.js";

/** @param {import("../../scripts/types.js").Task} task */
export function receipt(task) {
  const facts = [
    ...(isOpen(task) ? [] : [["Cost", cost(task)], ["Tokens", tokens(task.usage)]]),
    ["Handed in", new Date(task.created_at).toLocaleString()],
    ...(task.completed_at ? [["Ended", new Date(task.completed_at).toLocaleString()]] : []),
    ["Task", task.id],
    ...(task.response_id ? [["Response", task.response_id]] : []),
  ];
  const list = el("dl", {}, ...facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  const raw = isWhole(task) ? rawLink(task.id) : null;
  return el("section", { class: "receipt", "aria-label": "Receipt" }, list, raw);
}

/** @param {string} id */
const rawLink = (id) =>
  el("p", {}, el("a", { href: `${taskPath(id)}/response`, target: "_blank" }, "The provider’s response as it came"));
