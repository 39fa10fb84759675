/** Buttons that do more than call a function: one asks first, one copies. */

import { announce, el, setText } from "../../scripts/dom.js";

/** An action that takes two clicks: it first shows what it does. @param {{ask: string, yes: string, doing: string, isDangerous?: boolean, onYes: () => void}} parts `isDangerous`: something is lost */
export function confirmation({ ask, yes, doing, isDangerous = false, onYes }) {
  const terms = el("p", {});
  const button = el("button", { type: "button", class: isDangerous ? "danger" : null, click: onYes }, yes);
  const body = el("div", { class: "confirmation-terms", hidden: true }, terms, button);
  const first = el("button", { type: "button", class: "ask", "aria-expanded": "false", click: () => open(body.hidden) }, ask);
  const element = el("div", { class: isDangerous ? "confirmation dangerous" : "confirmation" }, first, body);

  /** @param {boolean} wanted */
  function open(wanted) {
    body.hidden = !wanted;
    first.setAttribute("aria-expanded", String(wanted));
    element.classList.toggle("open", wanted);
  }

  return {
    element,
    close: () => open(false),
    /** @param {string} text what the action does */
    setTerms: (text) => setText(terms, text),
    /** Not "disabled", which would lose the focus. @param {boolean} busy this action runs @param {boolean} blocked this or another runs */
    setBusy(busy, blocked) {
      setText(button, busy ? doing : yes);
      button.setAttribute("aria-disabled", String(blocked));
    },
  };
}

const SHOWN_MS = 2_000;

/** Copies a text and announces it. @param {{name: string, about?: string, quiet?: boolean, text: () => string|Promise<string>}} parts */
export function copyButton({ name, about = "", quiet = false, text }) {
  const button = el("button", { type: "button", class: quiet ? "copy quiet" : "copy", "aria-label": about && `${name} ${about}`, click: copy }, name);

  async function copy() {
    const done = await write(text).then(() => "Copied", () => "Not copied");
    setText(button, done);
    announce(button, `${done}.`);
    setTimeout(() => setText(button, name), SHOWN_MS);
  }

  return button;
}

/** @param {() => string|Promise<string>} text */
async function write(text) {
  const copied = await text();
  if (navigator.clipboard) return navigator.clipboard.writeText(copied);
  writeUnsecured(copied); // plain http outside loopback has no navigator.clipboard
}

/** @param {string} text */
function writeUnsecured(text) {
  const focused = /** @type {HTMLElement|null} */ (document.activeElement);
  const field = el("textarea", { class: "visually-hidden" });
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focused?.focus();
  if (!copied) throw new Error("The browser did not copy.");
}
