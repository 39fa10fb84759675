/** The ways to what is not a task: the whole list, the system, the sheet of keys, the theme. */

import { el } from "../../scripts/dom.js";
import { listAddress, systemAddress } from "../../scripts/router.js";
import { themeChoice } from "../theme/theme.js";

/** @param {{onHelp: () => void, preferences: import("../../scripts/preferences.js").Preferences}} parts */
export function places({ onHelp, preferences }) {
  const all = el("a", { href: listAddress() }, "All tasks");
  const system = el("a", { href: systemAddress }, "System");
  const keys = el("button", { type: "button", class: "place-keys", "aria-haspopup": "dialog", click: onHelp }, "Keys");
  const element = el("nav", { class: "places", "aria-label": "Places" }, all, system, keys, themeChoice(preferences));
  return {
    element,
    /** @param {import("../../scripts/router.js").Route} route */
    update({ view }) {
      mark(all, view === "list");
      mark(system, view === "system");
    },
  };
}

/** @param {Element} link @param {boolean} here */
function mark(link, here) {
  if (here) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
}
