/** What came of a sending that made no task, beside the button that sends. */

import { el } from "../../scripts/dom.js";

const UNCERTAIN =
  "An earlier attempt got no answer, so this or an earlier version may have been accepted. Sending again is safe: it makes no second task.";
const NOT_KEPT = "This draft is too large for the browser to keep: it would not outlive a reload.";

/** @param {{onSendWithNewKey: () => void}} actions */
export function submitError({ onSendWithNewKey }) {
  const element = el("div", { class: "submit-error", role: "alert" });
  const anew = () => el("button", { type: "button", click: onSendWithNewKey }, "Send it as a task of its own");
  return {
    element,
    /** @param {{busy: boolean, explanation: import("../../scripts/format/error-text.js").Explanation|null, attempt: import("../../scripts/state/drafts.js").Attempt, kept: boolean}} state */
    update({ busy, explanation, attempt, kept }) {
      const parts = [];
      if (explanation) parts.push(el("p", {}, el("strong", {}, explanation.summary), " ", explanation.advice));
      else if (attempt === "uncertain" && !busy) parts.push(el("p", {}, UNCERTAIN));
      if (attempt === "conflict" && !busy) parts.push(anew());
      if (!kept) parts.push(el("p", {}, NOT_KEPT));
      element.replaceChildren(...parts);
    },
  };
}
