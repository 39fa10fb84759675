/** One task with its own address: state, conversation, answer, what it cost, and how to go on. */

import { canFollowUp } from "../../scripts/conversation.js";
import { el, setText } from "../../scripts/dom.js";
import { taskAddress } from "../../scripts/router.js";
import { isOpen } from "../../scripts/states.js";
import { cancelTerms } from "../../scripts/ways-out.js";
import { confirmation } from "../confirmation/confirmation.js";
import { waysOut } from "../ways-out/ways-out.js";
import { answer } from "./answer.js";
import { conversation } from "./conversation.js";
import { followUp } from "./follow-up.js";
import { receipt } from "./receipt.js";
import { statePanel } from "./state-panel.js";

/** @typedef {import("../../scripts/types.js").Task} Task */

/** @param {{task: Task, api: import("../../scripts/api.js").Api, start: (parts: any) => any, act: (parts: any) => import("../../scripts/actions.js").Actions}} parts */
export function taskView({ task, api, start, act }) {
  const heading = el("h1", { tabindex: "-1", dir: "auto" }, task.title);
  const panel = statePanel();
  const outcome = el("div", { class: "outcome" });
  const actions = act({ id: task.id, onState: work });
  const cancel = confirmation({ ask: "Cancel this task…", yes: "Yes, cancel it", doing: "Cancelling…", onYes: actions.cancel });
  const ways = waysOut(actions);
  const verdict = el("div", { class: "refusal", role: "alert" });
  const element = el("article", { class: "task-view" });
  panel.element.append(cancel.element);
  element.append(heading, ...lineage(task), panel.element, verdict, ways.element, conversation(task), outcome);
  let status = task.status;
  let uncertain = false;
  let version = -1;
  /** @type {Element|null} */
  let further = null;

  /** @param {import("../../scripts/actions.js").ActionState} state */
  function work({ busy, explanation }) {
    cancel.work(busy === "cancel", busy !== null);
    ways.work({ busy, explanation });
    uncertain = explanation?.uncertain ?? false;
    verdict.replaceChildren(...(explanation ? [el("p", {}, el("strong", {}, explanation.summary), " ", explanation.advice)] : []));
    if (explanation) verdict.scrollIntoView({ block: "nearest" }); // on a phone the button is far below
  }

  /** Whoever stood inside what goes is led to the heading. @param {HTMLElement} part @param {boolean} offered */
  function offer(part, offered) {
    const stranded = !offered && part.contains(document.activeElement);
    part.hidden = !offered;
    if (stranded) heading.focus();
  }

  /** @param {Task} latest */
  function updateActions(latest) {
    if (uncertain && latest.status !== status) verdict.replaceChildren(); // its doubt is answered
    status = latest.status;
    cancel.say(cancelTerms(latest));
    ways.update(latest);
    offer(cancel.element, isOpen(latest) && status !== "unconfirmed");
    offer(ways.element, status === "unconfirmed");
  }

  return {
    element,
    heading,
    /** @param {Task} latest @param {number} now */
    update(latest, now) {
      panel.update(latest, now);
      setText(heading, latest.title);
      if (latest.version === version) return;
      version = latest.version;
      updateActions(latest);
      outcome.replaceChildren(...answer(latest, api), receipt(latest));
      if (canFollowUp(latest) && !further) element.append((further = followUp({ task: latest, start })));
    },
  };
}

/** @param {Task} task */
function lineage({ parent_id, retry_of }) {
  return [...origin("Continues ", parent_id), ...origin("Sent again from ", retry_of)];
}

/** @param {string} how @param {string|null} id */
const origin = (how, id) => (id ? [el("p", { class: "lineage" }, how, el("a", { href: taskAddress(id) }, "an earlier task"))] : []);
