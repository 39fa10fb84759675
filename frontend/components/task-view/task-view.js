/** One task with its own address: state, conversation, answer, what it cost, and how to go on. */

import { canFollowUp } from "../../scripts/conversation.js";
import { el, setText } from "../../scripts/dom.js";
import { taskAddress } from "../../scripts/router.js";
import { isOpen } from "../../scripts/states.js";
import { cancelTerms, mayDelete, mayRetry } from "../../scripts/ways-out.js";
import { awayChoices } from "../away/away.js";
import { confirmation } from "../confirmation/confirmation.js";
import { goOn } from "../go-on/go-on.js";
import { thread } from "../thread/thread.js";
import { waysOut } from "../ways-out/ways-out.js";
import { answer } from "./answer.js";
import { conversation } from "./conversation.js";
import { followUp } from "./follow-up.js";
import { receipt } from "./receipt.js";
import { statePanel } from "./state-panel.js";
import { takeAway, threadDownloads } from "./take-away.js";

/** @typedef {import("../../scripts/types.js").Task} Task */

/** @param {{task: Task, api: import("../../scripts/api.js").Api, start: import("../../scripts/submission.js").Start, act: import("../../scripts/actions.js").Act, away: import("../../scripts/away.js").Away}} parts */
export function taskView({ task, api, start, act, away: wishes }) {
  const heading = el("h1", { tabindex: "-1", dir: "auto" }, task.title);
  const panel = statePanel();
  const away = awayChoices(wishes);
  const reply = el("div", { class: "reply" });
  const account = el("div", { class: "account" });
  const actions = act({ id: task.id, onState: work });
  const cancel = confirmation({ ask: "Cancel this task…", yes: "Yes, cancel it", doing: "Cancelling…", onYes: actions.cancel });
  const ways = waysOut(actions);
  const further = el("div", { class: "further" });
  const after = goOn({ actions });
  const related = thread({ id: task.id, api, more: threadDownloads(task.id, api) });
  const verdict = el("div", { class: "refusal", role: "alert" });
  const element = el("article", { class: "task-view" });
  panel.element.append(away, cancel.element);
  element.append(heading, ...lineage(task), panel.element, verdict, ways.element, conversation(task));
  element.append(reply, account, further, after.element, related.element);
  let current = task;
  let uncertain = false;
  let version = -1;
  let answered = "";
  /** @type {import("../../scripts/types.js").Estimate|null} */
  let estimate = null;
  api.estimate().then(price, () => {}); // without it no sum is named

  /** @param {import("../../scripts/types.js").Estimate} known */
  function price(known) {
    estimate = known;
    updateActions(current);
  }

  /** @param {import("../../scripts/actions.js").ActionState} state */
  function work({ busy, explanation }) {
    cancel.work(busy === "cancel", busy !== null);
    ways.work({ busy, explanation });
    after.work({ busy, explanation });
    uncertain = explanation?.uncertain ?? false;
    verdict.replaceChildren(...(explanation ? [el("p", {}, el("strong", {}, explanation.summary), " ", explanation.advice)] : []));
    if (explanation) verdict.scrollIntoView({ block: "nearest" }); // the button is often far below
  }

  /** Whoever stood inside what goes is led to the heading. @param {HTMLElement} part @param {boolean} offered */
  function offer(part, offered) {
    const stranded = !offered && part.contains(document.activeElement);
    part.hidden = !offered;
    if (stranded) heading.focus();
  }

  /** @param {Task} latest */
  function updateActions(latest) {
    if (uncertain && latest.status !== current.status) verdict.replaceChildren(); // its doubt is answered
    current = latest;
    cancel.say(cancelTerms(latest));
    ways.update(latest, estimate);
    after.update(latest, estimate);
    const endsByItself = isOpen(latest) && latest.status !== "unconfirmed";
    offer(away, endsByItself);
    offer(cancel.element, endsByItself);
    offer(ways.element, latest.status === "unconfirmed");
    offer(after.again, mayRetry(latest));
    offer(after.remove, mayDelete(latest));
  }

  /** @param {Task} latest */
  function updateAnswer(latest) {
    const text = latest.output_text ?? latest.status;
    if (answered === (answered = text)) return; // what is being read stays as it is
    reply.replaceChildren(...answer(latest, api));
    if (canFollowUp(latest)) further.replaceChildren(followUp({ task: latest, start, estimate: api.estimate }));
  }

  return {
    element,
    heading,
    /** @param {Task} latest @param {number} now @param {import("../../scripts/types.js").Outlook|null} outlook */
    update(latest, now, outlook) {
      panel.update(latest, now, outlook);
      setText(heading, latest.title);
      if (latest.version === version) return;
      version = latest.version;
      updateActions(latest);
      updateAnswer(latest);
      account.replaceChildren(...(isOpen(latest) ? [] : [takeAway(latest, api)]), receipt(latest));
      related.load();
    },
  };
}

/** @param {Task} task */
function lineage({ parent_id, retry_of }) {
  return [...cameFrom("Goes on from ", parent_id), ...cameFrom("Sent again from ", retry_of)];
}

/** @param {string} how @param {string|null} id */
const cameFrom = (how, id) => (id ? [el("p", { class: "lineage" }, how, el("a", { href: taskAddress(id) }, "an earlier task"))] : []);
