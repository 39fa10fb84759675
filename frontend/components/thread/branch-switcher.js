/** Leads from a turn to those beside it: branches and retries, as "‹ 2/3 ›". */

import { el } from "../../scripts/dom.js";
import { taskAddress } from "../../scripts/router.js";

/** @param {import("../../scripts/types.js").ThreadTask[]} siblings oldest first @param {string} id @param {string} name of the turn @returns {HTMLElement|null} null for a turn alone */
export function branchSwitcher(siblings, id, name) {
  if (siblings.length < 2) return null;
  const place = siblings.findIndex((task) => task.id === id);
  const count = el("span", { "aria-label": `Branch ${place + 1} of ${siblings.length}`, role: "img" }, `${place + 1}/${siblings.length}`);
  return el("nav", { class: "branches", "aria-label": `Branches of ${name}` }, step("‹", "Previous branch", siblings[place - 1]), count, step("›", "Next branch", siblings[place + 1]));
}

/** @param {string} sign @param {string} name @param {import("../../scripts/types.js").ThreadTask|undefined} to */
const step = (sign, name, to) =>
  to ? el("a", { href: taskAddress(to.id), "aria-label": `${name}: ${to.title}` }, sign) : el("span", { class: "no-branch", "aria-hidden": "true" }, sign);
