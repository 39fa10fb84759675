/** Whose token the page calls with, and the way out: `account({whose, countDrafts, onLeave})`. */

import { el, setText } from "../../scripts/dom.js";
import { leavingTerms, ownerOf } from "../../scripts/sign-in.js";
import { confirmation } from "../confirmation/confirmation.js";

/** @param {{whose: () => Promise<import("../../scripts/types.js").Spending>, countDrafts: () => number, onLeave: () => void}} parts */
export function account({ whose, countDrafts, onLeave }) {
  const name = el("span", { dir: "auto" }, "…");
  const leave = confirmation({ ask: "Sign out…", yes: "Yes, sign out", doing: "Signing out…", onYes: onLeave });
  leave.element.addEventListener("toggle", () => leave.say(leavingTerms(countDrafts())));
  whose().then((spending) => setText(name, ownerOf(spending)), () => {}); // it is an extra
  return el("section", { class: "account-of", "aria-label": "Account" }, el("p", {}, "Signed in as ", name), leave.element);
}
