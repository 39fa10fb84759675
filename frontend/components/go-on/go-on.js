/** What can be done with a task that has ended: sent again, deleted. */

import { el } from "../../scripts/dom.js";
import { againTerms, deleteTerms } from "../../scripts/ways-out.js";
import { confirmation } from "../confirmation/confirmation.js";

/** @param {{actions: import("../../scripts/actions.js").Actions}} parts */
export function goOn({ actions }) {
  const again = confirmation({ ask: "Try again…", yes: "Yes, try again", doing: "Sending…", onYes: actions.retry });
  const remove = confirmation({ ask: "Delete it…", yes: "Yes, delete it", doing: "Deleting…", onYes: actions.remove });
  const element = el("section", { class: "go-on", "aria-label": "Go on" }, again.element, remove.element);

  return {
    element,
    again: again.element,
    remove: remove.element,
    /** @param {import("../../scripts/types.js").Task} task @param {import("../../scripts/types.js").Estimate|null} estimate */
    update(task, estimate) {
      again.say(againTerms(task, estimate));
      remove.say(deleteTerms(task));
    },
    /** @param {import("../../scripts/actions.js").ActionState} state */
    work({ busy }) {
      again.work(busy === "retry", busy !== null);
      remove.work(busy === "delete", busy !== null);
    },
  };
}
