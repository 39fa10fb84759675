/** The dialog that lists the shortcuts and turns them off: `openShortcuts(preferences)`. */

import { el } from "../../scripts/dom.js";
import { chooseKeys, SHORTCUTS, wantsKeys } from "../../scripts/keyboard.js";

/** @typedef {import("../../scripts/state/browser-storage.js").Preferences} Preferences */

/** @param {Preferences} preferences */
export function openShortcuts(preferences) {
  const dialog = build(preferences);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {Preferences} preferences */
function build(preferences) {
  const listen = el("input", { type: "checkbox", checked: wantsKeys(preferences), change: () => chooseKeys(preferences, listen.checked) });
  const dialog = el("dialog", { class: "shortcuts", "aria-labelledby": "shortcuts-heading" });
  dialog.append(
    el("h2", { id: "shortcuts-heading" }, "Shortcuts"),
    el("dl", {}, ...SHORTCUTS.map(({ key, words }) => line(words, key)), line("Send what you write", "Ctrl Enter"), line("Leave a field or close a dialog", "Esc")),
    el("label", { class: "shortcuts-choice" }, listen, "Use single-key shortcuts"),
    el("form", { method: "dialog" }, el("button", { class: "primary" }, "Close")),
  );
  return dialog;
}

/** @param {string} words @param {string} keys */
const line = (words, keys) => el("div", {}, el("dt", {}, words), el("dd", {}, ...keys.split(" ").map((key) => el("kbd", {}, key))));
