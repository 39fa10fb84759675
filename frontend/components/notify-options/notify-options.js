/** The choice to be notified when a task ends while the page is hidden: `notifyOptions(attention)`. */

import { el, setText } from "../../scripts/dom.js";
import { canNotify, requestPermission } from "../../scripts/state/attention.js";

const HINT = "Needs an open tab of this page. Unread answers are marked in the list in any case.";
const BLOCKED = "The browser blocks notifications from this page. Allow them in its site settings.";
const MISSING = "Notifications need https or a loopback address such as http://localhost.";

/** @param {import("../../scripts/state/attention.js").Attention} attention */
export function notifyOptions(attention) {
  const hint = el("p", { role: "status" }, canNotify() ? HINT : MISSING);
  const box = el("input", { type: "checkbox", checked: canNotify() && attention.wantsNotices(), change: choose });
  box.disabled = !canNotify();

  async function choose() {
    const wanted = box.checked;
    const allowed = !wanted || (await requestPermission());
    box.checked = wanted && allowed;
    attention.chooseNotices(box.checked);
    setText(hint, allowed ? HINT : BLOCKED);
  }

  return el("div", { class: "notify-options notify-choices" }, el("label", {}, box, " Notify me when it ends"), hint);
}
