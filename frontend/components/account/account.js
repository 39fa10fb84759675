/** Shows the owner of the token, and signs out: `account({me, countDrafts, onSignOut})`. */

import { el, setText } from "../../scripts/dom.js";
import { confirmation } from "../buttons/buttons.js";

/** @param {{me: () => Promise<import("../../scripts/types.js").Me>, countDrafts: () => number, onSignOut: () => void}} parts */
export function account({ me, countDrafts, onSignOut }) {
  const name = el("span", { dir: "auto" }, "…");
  const leave = confirmation({ ask: "Sign out…", yes: "Yes, sign out", doing: "Signing out…", onYes: onSignOut });
  leave.element.addEventListener("click", () => leave.setTerms(signOutTerms(countDrafts())));
  me().then((owner) => setText(name, ownerName(owner)), () => {}); // the name is optional
  return el("section", { class: "account", "aria-label": "Account" }, el("p", {}, "Signed in as ", name), leave.element);
}

/** @param {import("../../scripts/types.js").Me} me */
export const ownerName = ({ name, admin }) => (admin ? "an admin" : (name ?? "unknown"));

/** What signing out does. @param {number} drafts stored in this browser */
export function signOutTerms(drafts) {
  const lost = drafts === 0 ? "" : ` and ${drafts === 1 ? "1 draft" : `${drafts} drafts`}`;
  return `This removes the token${lost} from this browser. Tasks that you sent continue.`;
}
