/** The question of a turn as one quiet quote, folded where it is long or other messages were sent with it. */

import { el, setText } from "../../scripts/dom.js";
import { newFromAddress } from "../../scripts/router.js";
import { textOf } from "../../scripts/state/tasks.js";
import { insertAnswer } from "./answer-html.js";
import { answerParts } from "./answer-parts.js";

/** @typedef {import("../../scripts/types.js").Message} Message */

const NAMES = { developer: "Instructions", user: "You", assistant: "Answer" };
const LINE_LENGTH = 140; // characters: two lines of the column

/** @param {{task: import("../../scripts/types.js").Task, api: import("../../scripts/connection/api.js").Api, name?: string}} parts `name` of the region, its own on the page */
export function prompt({ task, api, name: region = "Question" }) {
  const { id, input } = task;
  const text = input.length > 0 ? textOf(input[input.length - 1]) : "";
  const line = lineOf(text);
  let messages = input;
  let folds = false;
  const edit = el("a", { class: "branch", href: newFromAddress(id), "aria-label": "Edit and send as a branch" }, "Edit");
  const full = el("div", { class: "prompt-full" });
  const fold = el("button", { type: "button", class: "link", "aria-expanded": "false", click: toggle });
  const element = el("section", { class: "prompt", "aria-label": region });
  element.append(el("p", { class: "prompt-line", dir: "auto" }, line), full, el("p", { class: "prompt-actions" }, fold, edit));
  setMessages(input);
  return {
    element,
    setMessages,
    /** Draws the answers among the messages, which are Markdown. */
    async render() {
      const drawn = messages;
      for (const [index, message] of drawn.entries()) {
        if (messages !== drawn) return; // others have replaced them
        const body = /** @type {HTMLElement} */ (full.children[index].lastElementChild);
        if (message.role === "assistant") await draw(body, input.length - drawn.length + index).catch(() => {}); // the text stays
      }
    },
  };

  /** @param {Message[]} own those that no earlier turn shows: the last ones of the input */
  function setMessages(own) {
    messages = own;
    folds = messages.length > 1 || line !== text.trim();
    full.replaceChildren(...messages.map(messageBlock));
    fold.hidden = !folds;
    name(element.classList.contains("open"));
  }

  /** @param {HTMLElement} body @param {number} index */
  async function draw(body, index) {
    const html = await api.retrieveMessage(id, index);
    const { prepare } = answerParts(id, `${id}-${index}-`);
    body.className = "answer-text";
    await insertAnswer(body, html, prepare);
  }

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
