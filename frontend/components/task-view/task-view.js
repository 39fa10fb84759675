/** One task: a bar that stays, the question, the status in a line, the answer with its outline, and how it goes on. */

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
import { exportActions, threadExportActions } from "./export-actions.js";
import { followUp } from "./follow-up.js";
import { show } from "./jumps.js";
import { outline } from "./outline.js";
import { prompt } from "./prompt.js";
import { statePanel } from "./state-panel.js";
import { taskBar } from "./task-bar.js";
import { taskFacts } from "./task-facts.js";

/** @typedef {import("../../scripts/types.js").Task} Task */

/** @param {{task: Task, api: import("../../scripts/connection/api.js").Api, start: import("../../scripts/state/submission.js").Start, act: import("../../scripts/state/actions.js").Act, attention: import("../../scripts/state/attention.js").Attention}} parts */
export function taskView({ task, api, start, act, attention }) {
  const heading = el("h1", { tabindex: "-1", dir: "auto" }, task.title);
  const panel = statePanel({ onSources: () => show(document.getElementById("sources"), "start") });
  const notify = notifyOptions(attention);
  const reply = el("div", { class: "reply" });
  const account = el("div", { class: "task-footer" });
  const exports = el("div", { class: "exports" });
  const actions = act({ id: task.id, onState: setBusy });
  const cancel = confirmation({ ask: "Cancel this task…", yes: "Yes, cancel it", doing: "Cancelling…", onYes: actions.cancel });
  const ways = unconfirmedActions(actions);
  const further = el("div", { class: "further" });
  const after = taskActions({ actions });
  const related = thread({ id: task.id, api, more: threadExportActions(task.id, api) });
  const error = el("div", { class: "submit-error", role: "alert" });
  const contents = outline({ onChange: (count) => bar.offerContents(count > 1) });
  const bar = taskBar({ heading, outline: contents.element, menu: [exports, after.element], text: () => current.output_text ?? "", onFollowUp: () => further.querySelector("textarea")?.focus() });
  const column = el("div", { class: "reading" });
  const element = el("article", { class: "task-view" }, bar.element, column);
  panel.element.append(notify, cancel.element);
  column.append(contents.element, ...lineage(task), prompt({ id: task.id, messages: task.input }), panel.element, error, ways.element);
  column.append(reply, further, account, related.element);
  let current = task;
  let uncertain = false;
  let begun = task.status;
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
    if (busy) begun = current.status;
    uncertain = explanation?.uncertain ?? false;
    const settled = uncertain && current.status !== begun; // its effect was seen before its reply was given up
    error.replaceChildren(...(explanation && !settled ? [el("p", {}, el("strong", {}, explanation.summary), " ", explanation.advice)] : []));
    if (!explanation || settled) return;
    bar.closeMenu();
    error.scrollIntoView({ block: "nearest" }); // the button is often far below
  }

  /** Moves the focus to the heading when it was in a part that is hidden now. @param {HTMLElement} part @param {boolean} offered */
  function offer(part, offered) {
    const stranded = !offered && part.contains(document.activeElement);
    part.hidden = !offered;
    if (!stranded) return;
    bar.closeMenu();
    heading.focus();
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
    const hasAnswer = Boolean(latest.output_text?.trim());
    bar.update({ hasAnswer, canFollowUp: canFollowUp(latest) });
    const place = hasAnswer || isOpen(latest) ? exports : error; // in the menu, or where the question is what to do now
    if (after.element.previousElementSibling !== place) place.after(after.element);
  }

  /** @param {Task} latest */
  function updateAnswer(latest) {
    const text = latest.output_text ?? latest.status;
    if (answered === (answered = text)) return; // an answer that is being read must not be rebuilt
    const shown = answer({ task: latest, api, prefix: "" });
    reply.replaceChildren(...(shown ? [shown.element] : []));
    shown?.whole.then(() => contents.update(shown.headings));
    if (canFollowUp(latest)) further.replaceChildren(followUp({ task: latest, start, api }));
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
      exports.replaceChildren(...(isOpen(latest) ? [] : [exportActions(latest, api)]));
      account.replaceChildren(taskFacts(latest));
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
