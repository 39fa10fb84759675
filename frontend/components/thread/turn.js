/** A turn of the thread that the page is not about: its question, its facts in a line, and its answer. */

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
