/** One task with its own address: state, conversation, answer, what it cost, and how to go on. */

import { canFollowUp } from "../../scripts/conversation.js";
import { el, setText } from "../../scripts/dom.js";
import { taskAddress } from "../../scripts/router.js";
import { answer } from "./answer.js";
import { conversation } from "./conversation.js";
import { followUp } from "./follow-up.js";
import { receipt } from "./receipt.js";
import { statePanel } from "./state-panel.js";

/** @typedef {import("../../scripts/types.js").Task} Task */

/** @param {{task: Task, api: import("../../scripts/api.js").Api, start: (parts: any) => any}} parts */
export function taskView({ task, api, start }) {
  const heading = el("h1", { tabindex: "-1", dir: "auto" }, task.title);
  const panel = statePanel();
  const outcome = el("div", { class: "outcome" });
  const element = el("article", { class: "task-view" }, heading, lineage(task), panel.element, conversation(task), outcome);
  let version = -1;
  /** @type {Element|null} */
  let further = null;

  return {
    element,
    heading,
    /** @param {Task} latest @param {number} now */
    update(latest, now) {
      panel.update(latest, now);
      setText(heading, latest.title);
      if (latest.version === version) return;
      version = latest.version;
      outcome.replaceChildren(...answer(latest, api), receipt(latest));
      if (canFollowUp(latest) && !further) element.append((further = followUp({ task: latest, start })));
    },
  };
}

/** @param {Task} task */
function lineage({ parent_id, retry_of }) {
  if (parent_id) return el("p", { class: "lineage" }, "Continues ", el("a", { href: taskAddress(parent_id) }, "an earlier task"));
  if (retry_of) return el("p", { class: "lineage" }, "Tries again ", el("a", { href: taskAddress(retry_of) }, "an earlier task"));
  return null;
}
