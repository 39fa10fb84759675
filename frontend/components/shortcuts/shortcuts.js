/** The sheet of keys, which also turns them off: `openShortcuts(preferences)`. */

import { el } from "../../scripts/dom.js";
import { chooseKeys, SHORTCUTS, wantsKeys } from "../../scripts/shortcuts.js";

/** @typedef {import("../../scripts/preferences.js").Preferences} Preferences */

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
  const dialog = el("dialog", { class: "keys", "aria-labelledby": "keys-heading" });
  dialog.append(
    el("h2", { id: "keys-heading" }, "Keys"),
    el("dl", {}, ...SHORTCUTS.map(({ key, words }) => line(words, key)), line("Send what you write", "Ctrl Enter"), line("Close a sheet", "Esc")),
    el("label", { class: "keys-wish" }, listen, "Listen to single keys"),
    el("form", { method: "dialog" }, el("button", { class: "primary" }, "Close")),
  );
  return dialog;
}

/** @param {string} words @param {string} keys */
const line = (words, keys) => el("div", {}, el("dt", {}, words), el("dd", {}, ...keys.split(" ").map((key) => el("kbd", {}, key))));
