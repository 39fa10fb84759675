/** A turn of the thread that the page is not about, and the way to those beside it. Loaded when a task has a thread. */

import { el } from "../../scripts/dom.js";
import { taskAddress } from "../../scripts/router.js";
import { badge } from "../badge/badge.js";
import { answer } from "../task-view/answer.js";
import { show } from "../task-view/jumps.js";
import { prompt } from "../task-view/prompt.js";
import { lineFacts } from "../task-view/state-panel.js";

/** @typedef {import("../../scripts/types.js").Task} Task */

/**
 * @param {object} parts
 * @param {Task} parts.task
 * @param {import("../../scripts/types.js").Message[]} parts.messages
 * @param {string} parts.name such as "Turn 1 of 3"
 * @param {Element|null} parts.branches the switcher
 * @param {import("../../scripts/connection/api.js").Api} parts.api
 * @param {number} parts.now
 */
export function turn({ task, messages, name, branches, api, now }) {
  const question = prompt({ task, api, name: `${name}: question` });
  const prefix = `${task.id}-`;
  const shown = answer({ task, api, prefix });
  const heading = el("h2", { class: "visually-hidden", tabindex: "-1" }, `${name}: ${task.title}`);
  const open = el("a", { class: "turn-link", href: taskAddress(task.id) }, name);
  const line = el("p", { class: "state-line" }, badge(task), el("span", { class: "state-facts" }, ...lineFacts(task, now, () => show(document.getElementById(`${prefix}sources`), "start"))), open, branches);
  const element = el("section", { class: "turn", "aria-label": name }, heading, question.element, line, shown?.element);
  const setMessages = (/** @type {import("../../scripts/types.js").Message[]} */ own) => (question.setMessages(own), question.render());
  setMessages(messages);
  return {
    element,
    setMessages,
    whole: shown?.whole ?? Promise.resolve(),
    /** For the outline. @returns {import("../task-view/answer-parts.js").Heading[]} */
    headings: () => [{ element: heading, level: 2, text: task.title }, ...(shown?.headings ?? [])],
  };
}

/** Leads to branches and retries, as "‹ 2/3 ›". @param {import("../../scripts/types.js").ThreadTask[]} siblings oldest first @param {string} id @param {string} name of the turn @returns {HTMLElement|null} null for a turn alone */
export function branchSwitcher(siblings, id, name) {
  if (siblings.length < 2) return null;
  const place = siblings.findIndex((task) => task.id === id);
  const count = el("span", { "aria-label": `Branch ${place + 1} of ${siblings.length}`, role: "img" }, `${place + 1}/${siblings.length}`);
  return el("nav", { class: "branches", "aria-label": `Branches of ${name}` }, step("‹", "Previous branch", siblings[place - 1]), count, step("›", "Next branch", siblings[place + 1]));
}

/** @param {string} sign @param {string} name @param {import("../../scripts/types.js").ThreadTask|undefined} to */
const step = (sign, name, to) =>
  to ? el("a", { href: taskAddress(to.id), "aria-label": `${name}: ${to.title}` }, sign) : el("span", { class: "no-branch", "aria-hidden": "true" }, sign);
