/** Options to be notified of a finished task while the page is hidden: `notifyOptions(attention)`. */

import { el, setText } from "../../scripts/dom.js";
import { canNotify, requestPermission } from "../../scripts/state/attention.js";

const BLOCKED = "The browser blocks notifications from this page. Allow them in its site settings.";
const MISSING = "Notifications need https or a loopback address such as http://localhost.";

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
