/** The input of a task: the last message in full, earlier ones folded, and a link to branch. */

import { el } from "../../scripts/dom.js";
import { newFromAddress } from "../../scripts/router.js";
import { textOf } from "../../scripts/text/conversation.js";

const NAMES = { developer: "Developer", user: "You", assistant: "Assistant" };
const LONG_MESSAGE = 1500;

/** @param {import("../../scripts/types.js").Task} task */
export function conversation({ id, input }) {
  const earlier = input.slice(0, -1);
  const count = `${earlier.length} earlier ${earlier.length === 1 ? "message" : "messages"}`;
  return el(
    "section",
    { class: "conversation", "aria-label": "Conversation" },
    earlier.length > 0 && el("details", { class: "earlier" }, el("summary", {}, count), ...earlier.map(messageBlock)),
    ...input.slice(-1).map(messageBlock),
    el("a", { class: "branch", href: newFromAddress(id) }, "Edit and send as a branch"),
  );
}

/** @param {import("../../scripts/types.js").Message} message */
function messageBlock(message) {
  const text = textOf(message);
  const body = el("div", { class: "message-text", dir: "auto" }, text);
  const folded = text.length > LONG_MESSAGE ? el("details", {}, el("summary", { dir: "auto" }, `${text.slice(0, 200).trim()}…`), body) : body;
  return el("div", { class: `message message-${message.role}` }, el("p", { class: "message-role" }, NAMES[message.role]), folded);
}
