/** How a person wants to hear of a task that ends while the page is not looked at: `awayChoices(away)`. */

import { el, setText } from "../../scripts/dom.js";
import { canNotify, mayNotify } from "../../scripts/notifications.js";

const BLOCKED = "This browser does not let the page show notifications. Its settings for this address can change that.";
const MISSING = "Notifications are only there on https, or at this machine’s own address.";

/** @param {import("../../scripts/away.js").Away} away */
export function awayChoices(away) {
  const problem = el("p", { role: "status" });
  const count = choice("Count it in the tab’s title", away.has("count"), (wanted) => away.choose("count", wanted));
  const notify = choice("Show a notification", away.has("notify"), async (wanted) => {
    const allowed = !wanted || (await mayNotify());
    notify.box.checked = wanted && allowed;
    away.choose("notify", notify.box.checked);
    setText(problem, allowed ? "" : BLOCKED);
  });
  notify.box.disabled = !canNotify();
  if (!canNotify()) setText(problem, MISSING);
  const element = el("details", { class: "away" }, el("summary", {}, "When it ends and I am away…"));
  element.append(el("div", { class: "away-choices" }, count.element, notify.element, problem));
  return element;
}

/** @param {string} label @param {boolean} checked @param {(wanted: boolean) => void} onChange */
function choice(label, checked, onChange) {
  const box = el("input", { type: "checkbox", checked, change: () => onChange(box.checked) });
  return { box, element: el("label", {}, box, " ", label) };
}
