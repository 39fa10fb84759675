/** The state of a task in clear words, with the times that tick. */

import { el, setText } from "../../scripts/dom.js";
import { newFromAddress } from "../../scripts/router.js";
import { describe, isOpen } from "../../scripts/states.js";
import { checks, elapsed } from "../../scripts/time.js";
import { badge } from "../badge/badge.js";

/** @typedef {import("../../scripts/types.js").Task} Task */

export function statePanel() {
  const head = el("div", { class: "state-head" });
  const words = el("div", { class: "state-words" });
  const time = el("span", { class: "state-time" });
  const poll = el("p", { class: "state-checks" });
  const element = el("section", { "aria-label": "State" }, el("div", { class: "state-line" }, head, time), words, poll);
  let shown = "";
  return {
    element,
    /** @param {Task} task @param {number} now */
    update(task, now) {
      setText(time, (isOpen(task) ? "for " : "after ") + elapsed(task, now));
      setText(poll, isOpen(task) ? checks(task, now) : "");
      const wording = describe(task);
      if (shown === (shown = JSON.stringify([wording, task.error]))) return;
      element.className = `state-panel tone-${wording.tone}`;
      head.replaceChildren(badge(task));
      words.replaceChildren(...sentences(task));
    },
  };
}

/** @param {Task} task */
function sentences(task) {
  const { says, advice } = describe(task);
  const stuck = ["failed", "unconfirmed", "cancelled", "incomplete"].includes(task.status);
  return [
    ...(says ? [el("p", {}, says)] : []),
    ...(advice ? [el("p", {}, advice)] : []),
    ...(task.error ? [el("p", { class: "state-error" }, el("code", {}, task.error.code), " ", task.error.message)] : []),
    ...(stuck ? [el("p", {}, el("a", { href: newFromAddress(task.id) }, "New task from this conversation"))] : []),
  ];
}
