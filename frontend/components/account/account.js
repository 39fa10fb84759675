/** Shows tokenOwner token the page uses, and signs out: `account({tokenOwner, countDrafts, onSignOut})`. */

import { el, setText } from "../../scripts/dom.js";
import { confirmation } from "../confirmation/confirmation.js";

/** @param {{tokenOwner: () => Promise<import("../../scripts/types.js").Spending>, countDrafts: () => number, onSignOut: () => void}} parts */
export function account({ tokenOwner, countDrafts, onSignOut }) {
  const name = el("span", { dir: "auto" }, "…");
  const leave = confirmation({ ask: "Sign out…", yes: "Yes, sign out", doing: "Signing out…", onYes: onSignOut });
  leave.element.addEventListener("toggle", () => leave.setTerms(signOutTerms(countDrafts())));
  tokenOwner().then((spending) => setText(name, ownerName(spending)), () => {}); // it is an extra
  return el("section", { class: "account-of", "aria-label": "Account" }, el("p", {}, "Signed in as ", name), leave.element);
}

/** Whose token it is, as far as the API tells. @param {import("../../scripts/types.js").Spending} spending */
export function ownerName({ today }) {
  if (today.installation !== null) return "an admin";
  return today.owners[0]?.owner ?? "somebody";
}

/** What follows from signing out. @param {number} drafts that are kept in this browser */
export function signOutTerms(drafts) {
  const lost = drafts === 0 ? "" : ` and ${drafts === 1 ? "the draft" : `${drafts} drafts`} that ${drafts === 1 ? "is" : "are"} kept here`;
  return `This browser forgets the token${lost}. Tasks that were handed in go on.`;
}
