/** The status of a task: one line with duration, cost, sources and time; a box where a person must decide. */

import { el, setText } from "../../scripts/dom.js";
import { shortCost } from "../../scripts/format/cost.js";
import { describe, needsDecision } from "../../scripts/format/status-text.js";
import { checks, dayAndTime, elapsed, fullTime } from "../../scripts/format/time.js";
import { isChecked, isOpen } from "../../scripts/state/tasks.js";
import { sourcesOf } from "../../scripts/text/sources.js";
import { badge } from "../badge/badge.js";
import { taskLinks } from "./task-facts.js";

/** @typedef {import("../../scripts/types.js").Task} Task */

/** @param {{onSources?: () => void}} parts what the number of sources leads to */
export function statePanel({ onSources = () => {} } = {}) {
  const head = el("div", { class: "state-head" });
  const words = el("div", { class: "state-words" });
  const time = el("span", { class: "state-time" });
  const facts = el("span", { class: "state-facts" });
  const poll = el("p", { class: "state-checks" });
  const pacePlace = el("div", {});
  /** @type {ReturnType<typeof import("../progress/progress.js").progress>|null} */
  let pace = null;
  let isLoading = false;
  const element = el("section", { "aria-label": "Status" }, el("div", { class: "state-line" }, head, time, facts), words, pacePlace, poll);
  let shown = "";
  return {
    element,
    /** @param {Task} task @param {number} now @param {import("../../scripts/types.js").TaskProgress|null} assessment */
    update(task, now, assessment) {
      if (task.status === "in_progress" && assessment) loadPace();
      pace?.update(task, assessment, now);
      setText(time, (isOpen(task) ? "for " : task.status === "completed" ? "in " : "after ") + elapsed(task, now));
      setText(poll, isChecked(task) ? checks(task, now) : "");
      const wording = describe(task);
      if (shown === (shown = JSON.stringify([wording, task.version, dayAndTime(task.created_at, now)]))) return;
      element.className = `state-panel tone-${wording.tone}${needsDecision(task) ? " boxed" : ""}`;
      head.replaceChildren(badge(task));
      facts.replaceChildren(...lineFacts(task, now, onSources));
      words.replaceChildren(...sentences(task));
    },
  };

  /** Only a task that runs has a bar; a failure is tried again at the next update. */
  async function loadPace() {
    if (pace || isLoading) return;
    isLoading = true;
    const part = await import("../progress/progress.js").catch(() => null);
    isLoading = false;
    if (part) pacePlace.replaceChildren((pace = part.progress()).element);
  }
}

/** Cost, sources, model and time, each a part of the line. @param {Task} task @param {number} now @param {() => void} onSources */
export function lineFacts(task, now, onSources) {
  const sources = sourcesOf(task.citations).length;
  const ended = task.completed_at ?? task.created_at;
  return [
    !isOpen(task) && el("span", {}, shortCost(task)),
    sources > 0 && el("button", { type: "button", class: "link", click: onSources }, `${sources} ${sources === 1 ? "source" : "sources"}`),
    task.model !== null && el("span", { class: "state-model" }, task.model),
    el("time", { datetime: ended, title: fullTime(ended) }, dayAndTime(ended, now)),
  ].filter((part) => part !== false);
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
