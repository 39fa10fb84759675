/** Copies a text and announces it: `copyButton({name: "Copy", about: "the code", text})`. */

import { announce, el, setText } from "../../scripts/dom.js";

const SHOWN_MS = 2_000;

/** @param {{name: string, about?: string, quiet?: boolean, text: () => string|Promise<string>}} parts */
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
