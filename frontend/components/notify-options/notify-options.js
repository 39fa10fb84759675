/** How a person wants to hear of a task that ends while the page is not looked at: `notifyOptions(attention)`. */

import { el, setText } from "../../scripts/dom.js";
import { canNotify, requestPermission } from "../../scripts/state/attention.js";

const BLOCKED = "This browser does not let the page show notifications. Its settings for this address can change that.";
const MISSING = "Notifications are only there on https, or at this machine’s own address.";

/** @param {import("../../scripts/state/attention.js").Attention} attention */
export function notifyOptions(attention) {
  const problem = el("p", { role: "status" });
  const count = choice("Count it in the tab’s title", attention.has("count"), (wanted) => attention.choose("count", wanted));
  const notify = choice("Show a notification", attention.has("notify"), async (wanted) => {
    const allowed = !wanted || (await requestPermission());
    notify.box.checked = wanted && allowed;
    attention.choose("notify", notify.box.checked);
    setText(problem, allowed ? "" : BLOCKED);
  });
  notify.box.disabled = !canNotify();
  if (!canNotify()) setText(problem, MISSING);
  const element = el("details", { class: "notify-options" }, el("summary", {}, "Notify me when it is done"));
  element.append(el("div", { class: "notify-choices" }, count.element, notify.element, problem));
  return element;
}

/** @param {string} label @param {boolean} checked @param {(wanted: boolean) => void} onChange */
function choice(label, checked, onChange) {
  const box = el("input", { type: "checkbox", checked, change: () => onChange(box.checked) });
  return { box, element: el("label", {}, box, " ", label) };
}
