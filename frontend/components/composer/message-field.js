/** Fields in which messages are written, saved while typing and sent by Ctrl-Enter. */

import { el, setText } from "../../scripts/dom.js";

/**
 * @param {{id: string, label?: string, hint?: string, text: string, rows?: number}} parts
 * @param {...Node} tools beside the label
 */
export function messageField({ id, label = "", hint = "", text, rows }, ...tools) {
  const problem = el("p", { class: "field-error", id: `${id}-problem` });
  const field = el("textarea", { id, "aria-describedby": problem.id, dir: "auto" });
  field.value = text;
  const name = el("span", {});
  const note = el("span", { class: "field-hint" });
  const element = el("div", { class: "message-field" }, el("label", { for: id }, name, " ", note), ...tools, field, problem);

  /** @param {{label: string, hint?: string, rows?: number}} as */
  function describe(as) {
    setText(name, as.label);
    setText(note, as.hint ?? "");
    field.rows = as.rows ?? 2;
  }

  describe({ label, hint, rows });
  return {
    element,
    field,
    describe,
    /** @param {string} message empty when nothing is wrong */
    setError(message) {
      setText(problem, message);
      if (message) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    },
  };
}

/** @typedef {import("../../scripts/text/conversation.js").Block} Block */

let made = 0;

/**
 * A message of a conversation that can be moved, also by Alt and an arrow key, and removed.
 * @param {Block} parts
 * @param {{onMove: (step: -1|1) => void, onRemove: () => void}} actions
 */
export function messageBlock({ role, text }, { onMove, onRemove }) {
  const up = el("button", { type: "button", class: "quiet", click: () => onMove(-1) }, "↑");
  const down = el("button", { type: "button", class: "quiet", click: () => onMove(1) }, "↓");
  const remove = el("button", { type: "button", class: "quiet", click: onRemove }, "Remove");
  const tools = el("span", { class: "message-tools" }, up, down, remove);
  const { element, field, describe, setError } = messageField({ id: `block-${++made}`, text }, tools);
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
    setError,
    /** @param {number} index among the blocks; the first, the developer message, cannot move @param {number} count */
    setPosition(index, count) {
      describe(labelOf(role, index, count));
      tools.hidden = index === 0 || count === 2;
      const limits = /** @type {const} */ ([[up, "Move", "up", index > 1], [down, "Move", "down", index < count - 1], [remove, "Remove", "", true]]);
      for (const [button, verb, where, possible] of limits) {
        button.setAttribute("aria-label", `${verb} message ${index} ${where}`.trim());
        button.setAttribute("aria-disabled", String(!possible)); // "disabled" would lose the focus
      }
    },
  };
}

/** @param {Block["role"]} role @param {number} index @param {number} count */
function labelOf(role, index, count) {
  if (role === "developer") return { label: "How the model should behave", hint: "(sent as the developer message)" };
  if (role === "assistant") return { label: "Assistant", hint: "sent as an earlier answer" };
  if (index < count - 1) return { label: "You, earlier" };
  return { label: "Your message", rows: count === 2 ? 8 : 4 };
}

/** @typedef {ReturnType<typeof messageBlock>} MessageBlock */

const SAVE_DELAY_MS = 250;

/**
 * Saves after a pause in typing, so that typing never waits for it.
 * @param {HTMLElement} element with the fields
 * @param {() => void} save
 * @returns {() => void} saves at once and cancels the pending save
 */
export function autosave(element, save) {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  const now = () => {
    clearTimeout(timer);
    removeEventListener("pagehide", now);
    save();
  };
  element.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(now, SAVE_DELAY_MS);
    addEventListener("pagehide", now); // a page that closes at once loses nothing
  });
  element.addEventListener("change", now);
  return now;
}

/** Ctrl-Enter or Cmd-Enter anywhere in the form sends it. @param {HTMLFormElement} form */
export function submitOnCtrlEnter(form) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
