/** What came of a sending that made no task, beside the button that sends. */

import { el } from "../../scripts/dom.js";

const UNCERTAIN =
  "An earlier attempt got no answer, so this or an earlier version may have been accepted. Sending again is safe: it makes no second task.";
const NOT_KEPT = "This draft is too large for the browser to keep: it would not outlive a reload.";

/** @param {{onSendAnew: () => void}} actions */
export function refusal({ onSendAnew }) {
  const element = el("div", { class: "refusal", role: "alert" });
  const anew = () => el("button", { type: "button", click: onSendAnew }, "Send it as a task of its own");
  return {
    element,
    /** @param {{busy: boolean, explanation: import("../../scripts/problems.js").Explanation|null, attempt: import("../../scripts/draft.js").Attempt, kept: boolean}} state */
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
