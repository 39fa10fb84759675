/** The status of a task in words, with running times. */

import { el, setText } from "../../scripts/dom.js";
import { describe } from "../../scripts/format/status-text.js";
import { checks, elapsed } from "../../scripts/format/time.js";
import { isChecked, isOpen } from "../../scripts/state/tasks.js";
import { badge } from "../badge/badge.js";
import { progress } from "../progress/progress.js";
import { taskLinks } from "../task-links/task-links.js";

/** @typedef {import("../../scripts/types.js").Task} Task */

export function statePanel() {
  const head = el("div", { class: "state-head" });
  const words = el("div", { class: "state-words" });
  const time = el("span", { class: "state-time" });
  const poll = el("p", { class: "state-checks" });
  const pace = progress();
  const element = el("section", { "aria-label": "Status" }, el("div", { class: "state-line" }, head, time), words, pace.element, poll);
  let shown = "";
  return {
    element,
    /** @param {Task} task @param {number} now @param {import("../../scripts/types.js").TaskProgress|null} assessment */
    update(task, now, assessment) {
      pace.update(task, assessment, now);
      setText(time, (isOpen(task) ? "for " : "after ") + elapsed(task, now));
      setText(poll, isChecked(task) ? checks(task, now) : "");
      const wording = describe(task);
      if (shown === (shown = JSON.stringify([wording, task.error, task.deletion]))) return;
      element.className = `state-panel tone-${wording.tone}`;
      head.replaceChildren(badge(task));
      words.replaceChildren(...sentences(task));
    },
  };
}

/** @param {Task} task */
function sentences(task) {
  const { says, advice } = describe(task);
  const code = task.error?.code;
  return [
    ...(says ? [el("p", {}, says)] : []),
    ...(advice ? [el("p", {}, advice)] : []),
    ...(task.error && !isOpen(task) ? [el("p", { class: "state-error" }, el("code", {}, code), " ", ...taskLinks(task.error.message))] : []),
    ...(task.deletion ? [el("p", {}, "Deletion in progress. ", task.deletion.problem)] : []),
  ];
}
