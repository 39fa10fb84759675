/** Actions on an ended task: retry and delete. */

import { el } from "../../scripts/dom.js";
import { retryTerms, deleteTerms } from "../../scripts/format/action-text.js";
import { confirmation } from "../confirmation/confirmation.js";

/** @param {{actions: import("../../scripts/state/actions.js").Actions}} parts */
export function taskActions({ actions }) {
  const again = confirmation({ ask: "Try again…", yes: "Yes, try again", doing: "Sending…", onYes: actions.retry });
  const remove = confirmation({ ask: "Delete it…", yes: "Yes, delete it", doing: "Deleting…", onYes: () => (unconfirmed ? actions.removeHere() : actions.remove()) });
  let unconfirmed = false; // the provider's side of its deletion
  const element = el("section", { class: "task-actions", "aria-label": "Actions" }, again.element, remove.element);

  return {
    element,
    again: again.element,
    remove: remove.element,
    /** @param {import("../../scripts/types.js").Task} task @param {import("../../scripts/types.js").Estimate|null} estimate */
    update(task, estimate) {
      again.setTerms(retryTerms(task, estimate));
      unconfirmed = task.deletion !== null;
      remove.setTerms(deleteTerms(task));
    },
    /** @param {import("../../scripts/state/actions.js").ActionState} state */
    setBusy({ busy }) {
      again.setBusy(busy === "retry", busy !== null);
      remove.setBusy(busy === "delete", busy !== null);
    },
  };
}
