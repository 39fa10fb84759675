/** A message in its place of the conversation: it can be moved, by Alt and an arrow too, and removed. */

import { el } from "../../scripts/dom.js";
import { turn } from "./turn.js";

/** @typedef {import("../../scripts/conversation.js").Block} Block */

let made = 0;

/**
 * @param {Block} parts
 * @param {{onMove: (step: -1|1) => void, onRemove: () => void}} actions
 */
export function block({ role, text }, { onMove, onRemove }) {
  const up = el("button", { type: "button", class: "quiet", click: () => onMove(-1) }, "↑");
  const down = el("button", { type: "button", class: "quiet", click: () => onMove(1) }, "↓");
  const remove = el("button", { type: "button", class: "quiet", click: onRemove }, "Remove");
  const tools = el("span", { class: "turn-tools" }, up, down, remove);
  const { element, field, describe, complain } = turn({ id: `block-${++made}`, text }, tools);
  field.addEventListener("keydown", (event) => {
    const step = event.altKey && { ArrowUp: /** @type {const} */ (-1), ArrowDown: /** @type {const} */ (1) }[event.key];
    if (!step) return;
    event.preventDefault();
    onMove(step);
  });
  return {
    role,
    element,
    field,
    complain,
    /** @param {number} index among the blocks, of which the first stays where it is @param {number} count */
    stand(index, count) {
      describe(labelOf(role, index, count));
      tools.hidden = index === 0 || count === 2;
      const limits = /** @type {const} */ ([[up, "Move", "up", index > 1], [down, "Move", "down", index < count - 1], [remove, "Remove", "", true]]);
      for (const [button, verb, where, possible] of limits) {
        button.setAttribute("aria-label", `${verb} message ${index} ${where}`.trim());
        button.setAttribute("aria-disabled", String(!possible)); // a disabled one would lose the focus
      }
    },
  };
}

/** @param {Block["role"]} role @param {number} index @param {number} count */
function labelOf(role, index, count) {
  if (role === "developer") return { label: "Developer message", hint: "optional: how the model should behave" };
  if (role === "assistant") return { label: "Assistant", hint: "taken as its earlier answer" };
  if (index < count - 1) return { label: "You, earlier" };
  return { label: "Your message", rows: count === 2 ? 8 : 4 };
}

/** @typedef {ReturnType<typeof block>} MessageBlock */
