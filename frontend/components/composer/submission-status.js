/** What stands beside a submit button: size, usual cost and time before sending; afterwards why there is no task. */

import { el, setText } from "../../scripts/dom.js";
import { dollars } from "../../scripts/format/cost.js";
import { LANGUAGE, roundDuration } from "../../scripts/format/time.js";
import { requestSize } from "../../scripts/text/conversation.js";

/** @typedef {import("../../scripts/types.js").Estimate} Estimate */
/** @typedef {import("../../scripts/types.js").Spending} Spending */

/** @param {Pick<import("../../scripts/connection/api.js").Api, "estimate"|"today">} api */
export function costLine(api) {
  const size = el("span", { class: "size" });
  const usual = el("span", {});
  const today = el("span", { class: "today" });
  Promise.all([api.estimate(), api.today()]).then(show, () => {}); // sending works without them

  /** @type {[Estimate, Spending]|null} */
  let known = null;
  let count = 1;

  /** @param {[Estimate, Spending]} read */
  function show(read) {
    known = read;
    draw();
  }

  function draw() {
    if (known === null) return;
    setText(usual, usually(...known, count));
    setText(today, budgetText(...known, count));
  }

  return {
    element: el("p", { class: "cost-line" }, size, " ", usual, " ", today),
    /** @param {{input: import("../../scripts/types.js").Message[]}} body @param {number} [tasks] that are made of it */
    setBody(body, tasks = 1) {
      count = tasks;
      draw();
      const { tokens, problem } = requestSize(body);
      setText(size, problem || (tokens > 0 ? `About ${rounded(tokens)} ${tokens === 1 ? "token" : "tokens"}.` : ""));
      size.classList.toggle("too-large", problem !== "");
    },
  };
}

/** Two digits: more would be a promise. @param {number} count */
export function rounded(count) {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(count)) - 1);
  return (Math.round(count / unit) * unit).toLocaleString(LANGUAGE);
}

/** @param {Pick<Estimate, "duration_s"|"cost_usd">} estimate @param {Pick<Spending, "provider">} spending @param {number} [count] of tasks */
export function usually({ duration_s, cost_usd }, { provider }, count = 1) {
  if (duration_s === null) return "No estimate yet: that needs five finished tasks.";
  const time = roundDuration(duration_s.p50);
  if (provider === "simulator") return `Usually ${time}; nothing is paid.`;
  return cost_usd ? `Usually ${dollars(count * cost_usd.p50)}${count > 1 ? " in all" : ""}, ${time}.` : `Usually ${time}; the cost is not known yet.`;
}

/** Today's spending of the owner, or of the installation for an admin. @param {Pick<Estimate, "cost_usd">} estimate @param {Pick<Spending, "provider"|"today">} spending @param {number} [count] of tasks */
export function budgetText({ cost_usd }, { provider, today }, count = 1) {
  const allowance = today.installation ?? today.owners[0];
  if (!allowance || (provider === "simulator" && allowance.budget_usd === null)) return "";
  const { budget_usd, spent_usd, reserved_usd, left_usd } = allowance;
  if (budget_usd === null) return `Today ${dollars(spent_usd)}.`;
  const under = reserved_usd > 0 ? ` and ${dollars(reserved_usd)} reserved` : "";
  const full = (left_usd ?? 0) < count * (cost_usd?.p50 ?? 0) ? ` ${count > 1 ? "Some tasks" : "The task"} may wait until midnight UTC.` : "";
  return `Today ${dollars(spent_usd)}${under} of ${dollars(budget_usd)}.${full}`;
}

const UNCERTAIN =
  "An earlier attempt got no response, so this text or an earlier version may have been accepted. Sending it again is safe: it makes no second task.";
const NOT_KEPT = "This draft is too large for the browser to store and does not survive a reload.";

/** @param {{onSendWithNewKey: () => void}} actions */
export function submitError({ onSendWithNewKey }) {
  const element = el("div", { class: "submit-error", role: "alert" });
  const separate = () => el("button", { type: "button", click: onSendWithNewKey }, "Send as a separate task");
  return {
    element,
    /** @param {{busy: boolean, explanation: import("../../scripts/format/error-text.js").Explanation|null, attempt: import("../../scripts/state/drafts.js").Attempt, kept: boolean}} state */
    update({ busy, explanation, attempt, kept }) {
      const parts = [];
      if (explanation) parts.push(el("p", {}, el("strong", {}, explanation.summary), " ", explanation.advice));
      else if (attempt === "uncertain" && !busy) parts.push(el("p", {}, UNCERTAIN));
      if (attempt === "conflict" && !busy) parts.push(separate());
      if (!kept) parts.push(el("p", {}, NOT_KEPT));
      element.replaceChildren(...parts);
    },
  };
}
