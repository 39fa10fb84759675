/** What to do about a task that OpenAI may or may not have: what to look for, and three ways on, each with its price. */

import { el, setText } from "../../scripts/dom.js";
import { isSimulated } from "../../scripts/provider.js";
import { traces, waysInWords } from "../../scripts/ways-out.js";
import { confirmation } from "../confirmation/confirmation.js";
import { attach } from "./attach.js";

const LOGS = "https://platform.openai.com/logs";

/** @param {import("../../scripts/actions.js").Actions} actions */
export function waysOut(actions) {
  const facts = el("dl", { class: "traces" });
  const form = attach({ onAdopt: actions.adopt });
  const again = confirmation({ ask: "Send it again…", yes: "Yes, send it again", doing: "Sending…", onYes: actions.retry });
  const end = confirmation({ ask: "Give it up…", yes: "Yes, give it up", doing: "Giving up…", onYes: actions.abandon });
  const logs = el("p", {}, el("a", { href: LOGS, target: "_blank", rel: "noopener noreferrer" }, "Open the logs of the OpenAI dashboard"));
  const does = { adopt: el("p", {}), retry: el("p", {}), abandon: el("p", {}) };
  const element = el("section", { class: "ways-out", "aria-labelledby": "ways-out-heading" });
  element.append(
    facts,
    el("h2", { id: "ways-out-heading" }, "Three ways on"),
    way("I found it", does.adopt, logs, form.element),
    way("I want it sent again", does.retry, again.element),
    way("I give it up", does.abandon, end.element),
  );
  let shown = "";

  return {
    element,
    /** @param {import("../../scripts/types.js").Task} task @param {import("../../scripts/types.js").Estimate|null} estimate */
    update(task, estimate) {
      form.update(task);
      if (shown === (shown = JSON.stringify([traces(task), waysInWords(task, estimate)]))) return;
      facts.replaceChildren(...traces(task).flatMap(fact));
      const { adopt, retry, abandon } = waysInWords(task, estimate);
      setText(does.adopt, adopt[0]);
      setText(does.retry, retry[0]);
      setText(does.abandon, abandon[0]);
      again.say(retry[1]);
      end.say(abandon[1]);
      logs.hidden = isSimulated(task);
    },
    /** @param {import("../../scripts/actions.js").ActionState} state */
    work({ busy }) {
      form.work(busy === "adopt", busy !== null);
      again.work(busy === "retry", busy !== null);
      end.work(busy === "abandon", busy !== null);
    },
  };
}

/** @param {string} name @param {HTMLElement[]} content */
const way = (name, ...content) => el("div", { class: "way" }, el("h3", {}, name), ...content);

/** @param {ReturnType<typeof traces>[number]} trace */
const fact = ({ name, value, isId, note }) => [
  el("dt", {}, name),
  el("dd", {}, isId ? el("code", { class: "id" }, value) : value, note && el("span", { class: "note" }, note)),
];
