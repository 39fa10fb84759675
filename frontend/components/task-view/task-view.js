/** One task: a bar that stays, the question, the status in a line, the answer with its outline, and how it goes on. */

import { el, setText } from "../../scripts/dom.js";
import { cancelTerms, mayDelete, mayRetry } from "../../scripts/format/action-text.js";
import { taskAddress } from "../../scripts/router.js";
import { canFollowUp, isOpen } from "../../scripts/state/tasks.js";
import { lazy, loadWhile } from "../../scripts/view-host.js";
import { confirmation } from "../buttons/buttons.js";
import { notifyOptions } from "../notify-options/notify-options.js";
import { exportActions, taskActions, threadExportActions } from "../task-actions/task-actions.js";
import { thread } from "../thread/thread.js";
import { answer } from "./answer.js";
import { show } from "./jumps.js";
import { prompt } from "./prompt.js";
import { statePanel } from "./state-panel.js";
import { outline, taskBar } from "./task-bar.js";
import { taskFacts } from "./task-facts.js";

/** @typedef {import("../../scripts/types.js").Task} Task */

const followUpPart = lazy(() => import("./follow-up.js"));
const unconfirmedPart = lazy(() => import("../unconfirmed-actions/unconfirmed-actions.js"), "components/unconfirmed-actions/unconfirmed-actions.css");

/** How far below the window the follow-up form is loaded. */
const NEAR = "600px 0px";

/** @param {{task: Task, api: import("../../scripts/connection/api.js").Api, submissionDeps: import("../../scripts/view-host.js").Parts["submissionDeps"], act: import("../../scripts/state/actions.js").Act, attention: import("../../scripts/state/attention.js").Attention}} parts */
export function taskView({ task, api, submissionDeps, act, attention }) {
  const heading = el("h1", { tabindex: "-1", dir: "auto" }, task.title);
  const panel = statePanel({ onSources: () => show(document.getElementById("sources"), "start") });
  const notify = notifyOptions(attention);
  const reply = el("div", { class: "reply" });
  const account = el("div", { class: "task-footer" });
  const exports = el("div", { class: "exports" });
  const actions = act({ id: task.id, onState: setBusy });
  const cancel = confirmation({ ask: "Cancel this task…", yes: "Yes, cancel it", doing: "Cancelling…", isDangerous: true, onYes: actions.cancel });
  const ways = el("div", { hidden: true });
  const further = el("div", { class: "further" });
  const after = taskActions({ actions });
  const question = prompt({ task, api });
  const own = el("div", { class: "turn current", tabindex: "-1" });
  const here = el("div", { class: "further-here" });
  const threadExports = el("div", { hidden: true }, threadExportActions(task.id, api));
  const related = thread({ task, api, now: () => clock, current: own, onMessages: settleQuestion, onLast: continueThread, onChange: updateOutline });
  const error = el("div", { class: "submit-error", role: "alert" });
  const contents = outline({ onChange: (count) => bar.offerContents(count > 1) });
  const bar = taskBar({ heading, outline: contents.element, menu: [exports, threadExports, after.element], text: () => current.output_text ?? "", onFollowUp: () => showFollowUp() });
  const column = el("div", { class: "reading" });
  const element = el("article", { class: "task-view" }, bar.element, column);
  panel.element.append(notify, cancel.element);
  own.append(related.place, ...lineage(task), question.element, panel.element, error, ways, reply, here);
  column.append(contents.element, related.above, own, related.below, further, account);
  let current = task;
  let clock = 0;
  /** @type {ReturnType<typeof import("../unconfirmed-actions/unconfirmed-actions.js").unconfirmedActions>|null} */
  let decision = null;
  /** Loads the form at the end of the thread. @type {() => Promise<void>} */
  let showForm = async () => {};
  /** @type {ReturnType<typeof answer>} */
  let shown = null;
  let uncertain = false;
  let begun = task.status;
  let version = -1;
  let answered = "";
  let loaded = "";
  /** @type {import("../../scripts/types.js").Estimate|null} */
  let estimate = null;
  let asksPrice = false;

  /** Of sending it again; without it no price is shown. */
  async function askPrice() {
    if (asksPrice) return;
    asksPrice = true;
    estimate = await api.estimate().catch(() => null);
    if (estimate) updateActions(current);
  }

  /** @param {import("../../scripts/state/actions.js").ActionState} state */
  function setBusy({ busy, explanation }) {
    cancel.setBusy(busy === "cancel", busy !== null);
    decision?.setBusy({ busy, explanation });
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
    if (latest.status === "unconfirmed") offerDecision();
    if (latest.status === "unconfirmed" || mayRetry(latest)) askPrice();
    after.update(latest, estimate);
    const endsByItself = isOpen(latest) && latest.status !== "unconfirmed";
    offer(notify, endsByItself);
    offer(cancel.element, endsByItself);
    offer(ways, latest.status === "unconfirmed");
    offer(after.again, mayRetry(latest));
    offer(after.remove, mayDelete(latest));
    const hasAnswer = Boolean(latest.output_text?.trim());
    bar.update({ hasAnswer, canFollowUp: canFollowUp(latest) });
    const place = hasAnswer || isOpen(latest) ? threadExports : error; // in the menu, or where the question is what to do now
    if (after.element.previousElementSibling !== place) place.after(after.element);
  }

  /** Most tasks need none. */
  async function offerDecision() {
    const part = await loadWhile(unconfirmedPart, () => current.status === "unconfirmed");
    if (!part) return;
    if (decision === null) ways.append((decision = part.unconfirmedActions(actions)).element);
    decision.update(current, estimate);
  }

  /** @param {import("../../scripts/types.js").Message[]} messages */
  function settleQuestion(messages) {
    question.setMessages(messages);
    question.render();
    threadExports.hidden = related.place.hidden;
  }

  /** The form stands at the end of the thread; a follow-up of this turn is a branch. @param {Task} last */
  function continueThread(last) {
    offerForm(last);
    if (canFollowUp(current)) here.replaceChildren(el("button", { type: "button", class: "quiet", click: followUpHere }, "Follow up here, as a branch"));
  }

  /** The form is loaded when its place comes near, or is asked for. @param {Task} last */
  function offerForm(last) {
    const place = el("div", { class: "follow-up-place" });
    further.replaceChildren(...(canFollowUp(last) ? [place] : []));
    showForm = () => fillForm(place, last);
    const near = new IntersectionObserver((entries) => entries.some(({ isIntersecting }) => isIntersecting) && (near.disconnect(), showForm()), { rootMargin: NEAR });
    (shown?.whole ?? Promise.resolve()).then(() => near.observe(place)); // before, a long answer has no length
  }

  /** @param {HTMLElement} place @param {Task} last @param {string} [id] of the field */
  async function fillForm(place, last, id) {
    const part = await loadWhile(followUpPart, () => place.isConnected);
    if (part) place.replaceWith(part.followUp({ task: last, submissionDeps, id }));
  }

  async function showFollowUp() {
    await showForm();
    further.querySelector("textarea")?.focus();
  }

  async function followUpHere() {
    const place = el("div", { class: "follow-up-place" });
    here.replaceChildren(place);
    await fillForm(place, current, "follow-up-here");
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
    if (canFollowUp(latest)) offerForm(latest);
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
      if (loaded !== (loaded = latest.status)) related.load();
    },
  };
}

/** @param {Task} task */
function lineage({ retry_of: first }) {
  return first ? [el("p", { class: "lineage" }, "Retry of ", el("a", { href: taskAddress(first) }, "an earlier task"))] : [];
}
