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
  const question = prompt({ task, api });
  const own = el("div", { class: "turn current", tabindex: "-1" });
  const here = el("div", { class: "further-here" });
  const threadExports = el("div", { hidden: true }, threadExportActions(task.id, api));
  const related = thread({ task, api, now: () => clock, current: own, onMessages: settleQuestion, onLast: continueThread, onChange: updateOutline });
  const error = el("div", { class: "submit-error", role: "alert" });
  const contents = outline({ onChange: (count) => bar.offerContents(count > 1) });
  const bar = taskBar({ heading, outline: contents.element, menu: [exports, threadExports, after.element], text: () => current.output_text ?? "", onFollowUp: () => further.querySelector("textarea")?.focus() });
  const column = el("div", { class: "reading" });
  const element = el("article", { class: "task-view" }, bar.element, column);
  panel.element.append(notify, cancel.element);
  own.append(related.place, ...lineage(task), question.element, panel.element, error, ways.element, reply, here);
  column.append(contents.element, related.above, own, related.below, further, account);
  let current = task;
  let clock = 0;
  /** @type {ReturnType<typeof answer>} */
  let shown = null;
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
    const place = hasAnswer || isOpen(latest) ? threadExports : error; // in the menu, or where the question is what to do now
    if (after.element.previousElementSibling !== place) place.after(after.element);
  }

  /** @param {import("../../scripts/types.js").Message[]} messages */
  function settleQuestion(messages) {
    question.setMessages(messages);
    question.render();
    threadExports.hidden = related.place.hidden;
  }

  /** The form stands at the end of the thread; a follow-up of this turn is a branch. @param {Task} last */
  function continueThread(last) {
    further.replaceChildren(...(canFollowUp(last) ? [followUp({ task: last, start, api })] : []));
    if (canFollowUp(current)) here.replaceChildren(el("button", { type: "button", class: "quiet", click: followUpHere }, "Follow up here, as a branch"));
  }

  function followUpHere() {
    here.replaceChildren(followUp({ task: current, id: "follow-up-here", start, api }));
    here.querySelector("textarea")?.focus();
  }

  function updateOutline() {
    const { above, below } = related.headings();
    const turns = above.length + below.length > 0;
    contents.update([...above, ...(turns ? [{ element: own, level: 2, text: task.title }] : []), ...(shown?.headings ?? []), ...below]);
  }

  /** @param {Task} latest */
  function updateAnswer(latest) {
    const text = latest.output_text ?? latest.status;
    if (answered === (answered = text)) return; // an answer that is being read must not be rebuilt
    shown = answer({ task: latest, api, prefix: "" });
    reply.replaceChildren(...(shown ? [shown.element] : []));
    shown?.whole.then(updateOutline);
    if (canFollowUp(latest)) further.replaceChildren(followUp({ task: latest, start, api }));
  }

  return {
    element,
    heading,
    /** @param {Task} latest @param {number} now @param {import("../../scripts/types.js").TaskProgress|null} assessment */
    update(latest, now, assessment) {
      clock = now;
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
function lineage({ retry_of: first }) {
  return first ? [el("p", { class: "lineage" }, "Retry of ", el("a", { href: taskAddress(first) }, "an earlier task"))] : [];
}
