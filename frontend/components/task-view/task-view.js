/** One task: status, conversation, answer, facts, and what can be done with it. */

import { el, setText } from "../../scripts/dom.js";
import { cancelTerms, mayDelete, mayRetry } from "../../scripts/format/action-text.js";
import { taskAddress } from "../../scripts/router.js";
import { isOpen } from "../../scripts/state/tasks.js";
import { canFollowUp } from "../../scripts/text/conversation.js";
import { confirmation } from "../confirmation/confirmation.js";
import { notifyOptions } from "../notify-options/notify-options.js";
import { taskActions } from "../task-actions/task-actions.js";
import { thread } from "../thread/thread.js";
import { unconfirmedActions } from "../unconfirmed-actions/unconfirmed-actions.js";
import { answer } from "./answer.js";
import { conversation } from "./conversation.js";
import { exportActions, threadExportActions } from "./export-actions.js";
import { followUp } from "./follow-up.js";
import { statePanel } from "./state-panel.js";
import { taskFacts } from "./task-facts.js";

/** @typedef {import("../../scripts/types.js").Task} Task */

/** @param {{task: Task, api: import("../../scripts/connection/api.js").Api, start: import("../../scripts/state/submission.js").Start, act: import("../../scripts/state/actions.js").Act, attention: import("../../scripts/state/attention.js").Attention}} parts */
export function taskView({ task, api, start, act, attention }) {
  const heading = el("h1", { tabindex: "-1", dir: "auto" }, task.title);
  const panel = statePanel();
  const notify = notifyOptions(attention);
  const reply = el("div", { class: "reply" });
  const account = el("div", { class: "task-footer" });
  const actions = act({ id: task.id, onState: setBusy });
  const cancel = confirmation({ ask: "Cancel this task…", yes: "Yes, cancel it", doing: "Cancelling…", onYes: actions.cancel });
  const ways = unconfirmedActions(actions);
  const further = el("div", { class: "further" });
  const after = taskActions({ actions });
  const related = thread({ id: task.id, api, more: threadExportActions(task.id, api) });
  const error = el("div", { class: "submit-error", role: "alert" });
  const element = el("article", { class: "task-view" });
  panel.element.append(notify, cancel.element);
  element.append(heading, ...lineage(task), panel.element, error, ways.element, conversation(task));
  element.append(reply, account, further, after.element, related.element);
  let current = task;
  let uncertain = false;
  let version = -1;
  let answered = "";
  /** @type {import("../../scripts/types.js").Estimate|null} */
  let estimate = null;
  api.estimate().then(price, () => {}); // without it no price is shown

  /** @param {import("../../scripts/types.js").Estimate} known */
  function price(known) {
    estimate = known;
    updateActions(current);
  }

  /** @param {import("../../scripts/state/actions.js").ActionState} state */
  function setBusy({ busy, explanation }) {
    cancel.setBusy(busy === "cancel", busy !== null);
    ways.setBusy({ busy, explanation });
    after.setBusy({ busy, explanation });
    uncertain = explanation?.uncertain ?? false;
    error.replaceChildren(...(explanation ? [el("p", {}, el("strong", {}, explanation.summary), " ", explanation.advice)] : []));
    if (explanation) error.scrollIntoView({ block: "nearest" }); // the button is often far below
  }

  /** Moves the focus to the heading when it was in a part that is hidden now. @param {HTMLElement} part @param {boolean} offered */
  function offer(part, offered) {
    const stranded = !offered && part.contains(document.activeElement);
    part.hidden = !offered;
    if (stranded) heading.focus();
  }

  /** @param {Task} latest */
  function updateActions(latest) {
    if (uncertain && latest.status !== current.status) error.replaceChildren(); // the new status settles it
    current = latest;
    cancel.setTerms(cancelTerms(latest));
    ways.update(latest, estimate);
    after.update(latest, estimate);
    const endsByItself = isOpen(latest) && latest.status !== "unconfirmed";
    offer(notify, endsByItself);
    offer(cancel.element, endsByItself);
    offer(ways.element, latest.status === "unconfirmed");
    offer(after.again, mayRetry(latest));
    offer(after.remove, mayDelete(latest));
  }

  /** @param {Task} latest */
  function updateAnswer(latest) {
    const text = latest.output_text ?? latest.status;
    if (answered === (answered = text)) return; // an answer that is being read must not be rebuilt
    reply.replaceChildren(...answer(latest, api));
    if (canFollowUp(latest)) further.replaceChildren(followUp({ task: latest, start, estimate: api.estimate }));
  }

  return {
    element,
    heading,
    /** @param {Task} latest @param {number} now @param {import("../../scripts/types.js").TaskProgress|null} assessment */
    update(latest, now, assessment) {
      panel.update(latest, now, assessment);
      setText(heading, latest.title);
      if (latest.version === version) return;
      version = latest.version;
      updateActions(latest);
      updateAnswer(latest);
      account.replaceChildren(...(isOpen(latest) ? [] : [exportActions(latest, api)]), taskFacts(latest));
      related.load();
    },
  };
}

/** @param {Task} task */
function lineage({ parent_id, retry_of }) {
  return [...origin("Follows ", parent_id), ...origin("Retry of ", retry_of)];
}

/** @param {string} how @param {string|null} id */
const origin = (how, id) => (id ? [el("p", { class: "lineage" }, how, el("a", { href: taskAddress(id) }, "an earlier task"))] : []);
