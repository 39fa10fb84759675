/** Copies a text: `copyButton({name: "Copy", about: "code", text})`; says so once to those who do not see it. */

import { announce, el, setText } from "../../scripts/dom.js";

const SHOWN = 2_000; // ms

/** @param {{name: string, about?: string, quiet?: boolean, text: () => string|Promise<string>}} parts */
export function copyButton({ name, about = "", quiet = false, text }) {
  const button = el("button", { type: "button", class: quiet ? "copy quiet" : "copy", "aria-label": about && `${name} ${about}`, click: copy }, name);

  async function copy() {
    const done = await write(text).then(() => "Copied", () => "Not copied");
    setText(button, done);
    announce(button, `${done}.`);
    setTimeout(() => setText(button, name), SHOWN);
  }

  return button;
}

/** @param {() => string|Promise<string>} text */
async function write(text) {
  const copied = await text();
  if (navigator.clipboard) return navigator.clipboard.writeText(copied);
  writeUnsecured(copied); // on plain http in a local network there is no clipboard object
}

/** @param {string} text */
function writeUnsecured(text) {
  const focused = /** @type {HTMLElement|null} */ (document.activeElement);
  const field = el("textarea", { class: "unseen" });
  field.value = text;
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  focused?.focus();
  if (!copied) throw new Error("The browser did not copy.");
}
