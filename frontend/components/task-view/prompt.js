/** The question of a turn as one quiet quote, folded where it is long or other messages were sent with it. */

import { el, setText } from "../../scripts/dom.js";
import { newFromAddress } from "../../scripts/router.js";
import { textOf } from "../../scripts/text/conversation.js";

/** @typedef {import("../../scripts/types.js").Message} Message */

const NAMES = { developer: "Instructions", user: "You", assistant: "Answer" };
const LINE_LENGTH = 140; // characters: two lines of the column

/** @param {{id: string, messages: Message[]}} turn `messages` are those that no earlier turn shows */
export function prompt({ id, messages }) {
  const text = messages.length > 0 ? textOf(messages[messages.length - 1]) : "";
  const line = lineOf(text);
  const folds = messages.length > 1 || line !== text.trim();
  const edit = el("a", { class: "branch", href: newFromAddress(id), "aria-label": "Edit and send as a branch" }, "Edit");
  const full = el("div", { class: "prompt-full" }, ...messages.map(messageBlock));
  const fold = el("button", { type: "button", class: "link", "aria-expanded": "false", click: toggle });
  const element = el("section", { class: "prompt", "aria-label": "Question" });
  element.append(el("p", { class: "prompt-line", dir: "auto" }, line), ...(folds ? [full] : []), el("p", { class: "prompt-actions" }, folds && fold, edit));
  name(false);
  return element;

  function toggle() {
    name(element.classList.toggle("open"));
  }

  /** @param {boolean} open */
  function name(open) {
    setText(fold, open ? "Show less" : messages.length > 1 ? `Show all, ${messages.length} messages` : "Show all");
    fold.setAttribute("aria-expanded", String(open));
    element.classList.toggle("folds", folds);
  }
}

/** The beginning of a text on one line, cut between words. @param {string} text */
export function lineOf(text) {
  const line = text.slice(0, 10 * LINE_LENGTH).replace(/\s+/gu, " ").trim();
  if (line.length <= LINE_LENGTH) return line === text.replace(/\s+/gu, " ").trim() ? line : `${line}…`;
  const cut = line.slice(0, LINE_LENGTH);
  const space = cut.lastIndexOf(" ");
  return `${(space > LINE_LENGTH / 2 ? cut.slice(0, space) : cut).replace(/[\s,;:.]+$/u, "")}…`;
}

/** @param {Message} message */
const messageBlock = (message) =>
  el("div", { class: `message message-${message.role}` }, el("p", { class: "message-role" }, NAMES[message.role]), el("div", { class: "message-text", dir: "auto" }, textOf(message)));
