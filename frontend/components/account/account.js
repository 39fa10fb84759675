/** Shows the owner of the token, and signs out: `account({tokenOwner, countDrafts, onSignOut})`. */

import { el, setText } from "../../scripts/dom.js";
import { confirmation } from "../confirmation/confirmation.js";

/** @param {{tokenOwner: () => Promise<import("../../scripts/types.js").Spending>, countDrafts: () => number, onSignOut: () => void}} parts */
export function account({ tokenOwner, countDrafts, onSignOut }) {
  const name = el("span", { dir: "auto" }, "…");
  const leave = confirmation({ ask: "Sign out…", yes: "Yes, sign out", doing: "Signing out…", onYes: onSignOut });
  leave.element.addEventListener("toggle", () => leave.setTerms(signOutTerms(countDrafts())));
  tokenOwner().then((spending) => setText(name, ownerName(spending)), () => {}); // the name is optional
  return el("section", { class: "account", "aria-label": "Account" }, el("p", {}, "Signed in as ", name), leave.element);
}

/** The owner of the token. @param {import("../../scripts/types.js").Spending} spending */
export function ownerName({ today }) {
  if (today.installation !== null) return "an admin";
  return today.owners[0]?.owner ?? "unknown";
}

/** What signing out does. @param {number} drafts stored in this browser */
export function signOutTerms(drafts) {
  const lost = drafts === 0 ? "" : ` and ${drafts === 1 ? "1 draft" : `${drafts} drafts`}`;
  return `This removes the token${lost} from this browser. Tasks that you sent continue.`;
}
