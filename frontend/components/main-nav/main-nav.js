/** Links to the pages that show no single task, the shortcuts, and the theme, which boot.js applies. */

import { el } from "../../scripts/dom.js";
import { listAddress, notifyAddress, systemAddress } from "../../scripts/router.js";

/** @param {{onShortcuts: () => void, preferences: import("../../scripts/state/browser-storage.js").Preferences}} parts */
export function mainNav({ onShortcuts, preferences }) {
  const all = el("a", { href: listAddress() }, "All tasks");
  const system = el("a", { href: systemAddress }, "System");
  const notify = el("a", { href: notifyAddress }, "Notify me");
  const shortcuts = el("button", { type: "button", class: "shortcuts-button", "aria-haspopup": "dialog", click: onShortcuts }, "Shortcuts");
  const element = el("nav", { class: "main-nav", "aria-label": "Main" }, all, system, notify, shortcuts, themeChoice(preferences));
  return {
    element,
    /** @param {import("../../scripts/router.js").Route} route */
    update({ view }) {
      mark(all, view === "list");
      mark(system, view === "system");
      mark(notify, view === "notify");
    },
  };
}

/** @param {Element} link @param {boolean} here */
function mark(link, here) {
  if (here) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
}

const THEMES = { system: "Auto", light: "Light", dark: "Dark" };

/** @param {import("../../scripts/state/browser-storage.js").Preferences} preferences */
function themeChoice(preferences) {
  const chosen = preferences.read("theme") ?? "system";
  const choices = Object.entries(THEMES).map(([value, word]) => el("option", { value, selected: value === chosen }, word));
  const field = el("select", { "aria-label": "Theme", title: "Theme", autocomplete: "off", change: choose }, ...choices);

  function choose() {
    preferences.choose("theme", field.value);
    dispatchEvent(new CustomEvent("theme", { detail: field.value }));
  }

  return field;
}
