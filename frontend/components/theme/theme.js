/** Light, dark, or as the system has it: `themeChoice(preferences)`; at-once.js carries it out. */

import { el } from "../../scripts/dom.js";

const THEMES = { system: "Auto", light: "Light", dark: "Dark" };

/** @param {import("../../scripts/preferences.js").Preferences} preferences */
export function themeChoice(preferences) {
  const chosen = preferences.read("theme") ?? "system";
  const choices = Object.entries(THEMES).map(([value, word]) => el("option", { value, selected: value === chosen }, word));
  const field = el("select", { "aria-label": "Theme", title: "Theme", autocomplete: "off", change: choose }, ...choices);

  function choose() {
    preferences.choose("theme", field.value);
    dispatchEvent(new CustomEvent("theme", { detail: field.value }));
  }

  return field;
}
