/** Shows why a submission made no task, beside the submit button: `submitError({onSendWithNewKey})`. */

import { el } from "../../scripts/dom.js";

const UNCERTAIN =
  "An earlier attempt got no response, so this text or an earlier version may have been accepted. Sending it again is safe: it makes no second task.";
const NOT_KEPT = "This draft is too large for the browser to store and does not survive a reload.";

/** @param {{onSendWithNewKey: () => void}} actions */
export function submitError({ onSendWithNewKey }) {
  const element = el("div", { class: "submit-error", role: "alert" });
  const separate = () => el("button", { type: "button", click: onSendWithNewKey }, "Send as a separate task");
  return {
    element,
    /** @param {{busy: boolean, explanation: import("../../scripts/format/error-text.js").Explanation|null, attempt: import("../../scripts/state/drafts.js").Attempt, kept: boolean}} state */
    update({ busy, explanation, attempt, kept }) {
      const parts = [];
      if (explanation) parts.push(el("p", {}, el("strong", {}, explanation.summary), " ", explanation.advice));
      else if (attempt === "uncertain" && !busy) parts.push(el("p", {}, UNCERTAIN));
      if (attempt === "conflict" && !busy) parts.push(separate());
      if (!kept) parts.push(el("p", {}, NOT_KEPT));
      element.replaceChildren(...parts);
    },
  };
}
