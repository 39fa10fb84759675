/** What to do about an unconfirmed task: what to look for at the provider, and three actions with their cost. */

import { el, setText } from "../../scripts/dom.js";
import { responseIdIn, traces, actionText } from "../../scripts/format/action-text.js";
import { isSimulated } from "../../scripts/format/status-text.js";
import { confirmation } from "../buttons/buttons.js";
import { taskLinks } from "../task-view/task-facts.js";

const LOGS = "https://platform.openai.com/logs";

/** @param {import("../../scripts/state/actions.js").Actions} actions */
export function unconfirmedActions(actions) {
  const facts = el("dl", { class: "traces" });
  const form = attach({ onAdopt: actions.adopt });
  const again = confirmation({ ask: "Send it again…", yes: "Yes, send it again", doing: "Sending…", onYes: actions.retry });
  const end = confirmation({ ask: "Give up…", yes: "Yes, give up", doing: "Giving up…", isDangerous: true, onYes: actions.abandon });
  const logs = el("p", {}, el("a", { href: LOGS, target: "_blank", rel: "noopener noreferrer" }, "Open the logs of the OpenAI dashboard"));
  const does = { adopt: el("p", {}), retry: el("p", {}), abandon: el("p", {}) };
  const element = el("section", { class: "unconfirmed-actions", "aria-labelledby": "unconfirmed-heading" });
  element.append(
    facts,
    el("h2", { id: "unconfirmed-heading" }, "What to do"),
    option("If you find the response", does.adopt, logs, form.element),
    option("If you want to send it again", does.retry, again.element),
    option("If you no longer need it", does.abandon, end.element),
  );
  let shown = "";

  return {
    element,
    /** @param {import("../../scripts/types.js").Task} task @param {import("../../scripts/types.js").Estimate|null} estimate */
    update(task, estimate) {
      form.update(task);
      if (shown === (shown = JSON.stringify([traces(task), actionText(task, estimate)]))) return;
      facts.replaceChildren(...traces(task).flatMap(fact));
      const { adopt, retry, abandon } = actionText(task, estimate);
      setText(does.adopt, adopt[0]);
      setText(does.retry, retry[0]);
      setText(does.abandon, abandon[0]);
      again.setTerms(retry[1]);
      end.setTerms(abandon[1]);
      logs.hidden = isSimulated(task);
    },
    /** @param {import("../../scripts/state/actions.js").ActionState} state */
    setBusy({ busy }) {
      form.setBusy(busy === "adopt", busy !== null);
      again.setBusy(busy === "retry", busy !== null);
      end.setBusy(busy === "abandon", busy !== null);
    },
  };
}

/** @param {string} name @param {HTMLElement[]} content */
const option = (name, ...content) => el("div", { class: "option" }, el("h3", {}, name), ...content);

/** @param {ReturnType<typeof traces>[number]} trace */
const fact = ({ name, value, isId, note }) => [
  el("dt", {}, name),
  el("dd", {}, isId ? el("code", { class: "id" }, value) : value, note && el("span", { class: "note" }, note)),
];

const CHECK = "Check and attach";
const CHECKING = "Checking…";
const NO_ID = "No response id found: it has no blanks and slashes, and at OpenAI it begins with resp_.";

/** The form for a response id, which the API checks before it attaches the response. @param {{onAdopt: (responseId: string) => void}} actions */
export function attach({ onAdopt }) {
  const problem = el("p", { class: "field-error", id: "response-problem", role: "alert" });
  const field = el("input", { id: "response-id", type: "text", autocomplete: "off", spellcheck: "false", "aria-describedby": problem.id });
  const label = el("label", { for: field.id }, "Response id ", el("span", { class: "field-hint" }, "at OpenAI it begins with resp_"));
  const button = el("button", { type: "submit" }, CHECK);
  const form = el("form", { class: "attach", novalidate: true, submit: onSubmit }, label, field, button, problem);
  let shown = "";
  let checking = false;

  /** @param {Event} event */
  function onSubmit(event) {
    event.preventDefault();
    const responseId = responseIdIn(field.value);
    setError(responseId ? "" : NO_ID);
    shown = ""; // the same refusal may come again, before the check was seen
    if (responseId) onAdopt(responseId);
    else field.focus();
  }

  /** @param {string} message */
  function setError(message) {
    problem.replaceChildren(...taskLinks(message));
    if (message) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  return {
    element: form,
    /** @param {import("../../scripts/types.js").TaskSummary} task */
    update({ adopting, adoption_refused }) {
      const refused = adoption_refused ?? "";
      if (shown === (shown = JSON.stringify([adopting, refused]))) return;
      checking = Boolean(adopting);
      if (adopting && !field.value) field.value = adopting;
      setText(button, checking ? CHECKING : CHECK);
      setError(refused);
    },
    /** @param {boolean} busy @param {boolean} blocked */
    setBusy(busy, blocked) {
      setText(button, busy || checking ? CHECKING : CHECK);
      button.setAttribute("aria-disabled", String(blocked));
    },
  };
}
