/** Actions on a task: rename, pin and archive; retry and delete when it has ended. */

import { el, setText } from "../../scripts/dom.js";
import { retryTerms, deleteTerms } from "../../scripts/format/action-text.js";
import { confirmation } from "../confirmation/confirmation.js";

/** @param {{actions: import("../../scripts/state/actions.js").Actions}} parts */
export function taskActions({ actions }) {
  const again = confirmation({ ask: "Try again…", yes: "Yes, try again", doing: "Sending…", onYes: actions.retry });
  const remove = confirmation({ ask: "Delete it…", yes: "Yes, delete it", doing: "Deleting…", onYes: () => (unconfirmed ? actions.removeHere() : actions.remove()) });
  let unconfirmed = false; // the provider's side of its deletion
  /** @type {import("../../scripts/types.js").Task} */
  let current;
  const rename = el("button", { type: "button", class: "quiet", click: () => element.dispatchEvent(new CustomEvent("rename", { bubbles: true })) }, "Rename");
  const pin = el("button", { type: "button", class: "quiet", click: () => actions.mark({ pinned: !current.pinned }) });
  const archive = el("button", { type: "button", class: "quiet", click: () => actions.mark({ archived: !current.archived }) });
  const marks = el("div", { class: "task-marks" }, rename, pin, archive);
  const element = el("section", { class: "task-actions", "aria-label": "Actions" }, marks, again.element, remove.element);

  return {
    element,
    again: again.element,
    remove: remove.element,
    /** @param {import("../../scripts/types.js").Task} task @param {import("../../scripts/types.js").Estimate|null} estimate */
    update(task, estimate) {
      current = task;
      setText(pin, task.pinned ? "Unpin" : "Pin");
      setText(archive, task.archived ? "Unarchive" : "Archive");
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
