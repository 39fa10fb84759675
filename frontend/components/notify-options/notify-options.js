/** The choice to be notified when a task ends while the page is hidden: `notifyOptions(attention)`. */

import { el, setText } from "../../scripts/dom.js";
import { notifyAddress } from "../../scripts/router.js";
import { canNotify, prepareNotices, requestPermission } from "../../scripts/state/attention.js";

const HINT = "Needs an open tab of this page, also in the background. Phones stop such tabs after some minutes.";
const BLOCKED = "The browser blocks notifications from this page. Allow them in its site settings.";
const MISSING = "Notifications need https or a loopback address such as http://localhost.";

/** @param {import("../../scripts/state/attention.js").Attention} attention @param {boolean} [others] whether to link to what needs no open tab */
export function notifyOptions(attention, others = true) {
  const hint = el("p", { role: "status" }, canNotify() ? HINT : MISSING);
  const box = el("input", { type: "checkbox", checked: canNotify() && attention.wantsNotices(), change: choose });
  box.disabled = !canNotify();

  async function choose() {
    const wanted = box.checked;
    const allowed = !wanted || (await requestPermission());
    box.checked = wanted && allowed;
    attention.chooseNotices(box.checked);
    if (box.checked) prepareNotices();
    setText(hint, allowed ? HINT : BLOCKED);
  }

  return el("div", { class: "notify-options notify-choices" }, el("label", {}, box, others ? " Notify me when it ends" : " Notify me when a task ends"), hint, others && el("p", {}, el("a", { href: notifyAddress }, "Notices without an open tab")));
}
