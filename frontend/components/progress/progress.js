/** A progress bar by the time that earlier tasks took: `progress().update(task, assessment, now)`. It never reaches its end. */

import { announce, el, setText } from "../../scripts/dom.js";
import { roundDuration } from "../../scripts/format/time.js";

/** @typedef {import("../../scripts/types.js").TaskSummary} TaskSummary */
/** @typedef {import("../../scripts/types.js").TaskProgress} TaskProgress */
/** @typedef {{share: number|null, late: boolean, says: string}} Progress */

/**
 * The share of earlier tasks that were finished after this time: 0.5 at p50, 0.9 at p90, where it
 * stays. Null unless the task is in progress and there is something to compare with.
 * @param {TaskSummary} task @param {TaskProgress|null} assessment @param {number} now @returns {Progress|null}
 */
export function progressOf(task, assessment, now) {
  if (task.status !== "in_progress" || assessment === null || task.submitted_at === null) return null;
  const { usual, at_risk } = assessment;
  const risk = at_risk ? ` ${at_risk.message}` : "";
  if (usual === null) return { share: null, late: at_risk !== null, says: `No estimate yet: that needs five finished tasks.${risk}` };
  const passed = (now - Date.parse(task.submitted_at)) / 1000;
  const late = passed > usual.p90;
  return { share: shareAt(passed, usual), late: late || at_risk !== null, says: (late ? beyond(assessment, usual) : within(usual)) + risk };
}

/** @param {number} passed @param {import("../../scripts/types.js").Usual} usual all in seconds */
function shareAt(passed, { p50, p90 }) {
  if (passed >= p90) return 0.9;
  if (passed >= p50) return 0.5 + (0.4 * (passed - p50)) / (p90 - p50);
  return (0.5 * Math.max(0, passed)) / p50;
}

/** @param {import("../../scripts/types.js").Usual} usual */
const within = ({ p50, p90 }) => `Usually ${roundDuration(p50)}; rarely over ${roundDuration(p90)}.`;

/** The server compares at each poll; until then the page has only the time. @param {TaskProgress} assessment @param {import("../../scripts/types.js").Usual} usual */
function beyond({ pace, message }, { p90 }) {
  if (pace === "slow" || pace === "stuck") return message;
  return `Longer than nine of ten tasks (${roundDuration(p90)}). It may still finish.`;
}

export function progress() {
  const bar = el("progress", { max: "1", "aria-label": "Share of earlier tasks finished after this time" });
  const words = el("p", {});
  const element = el("div", { class: "progress", hidden: true }, bar, words);
  let wasInTime = false; // announced once, when it turns late while the page is open
  return {
    element,
    /** @param {import("../../scripts/types.js").TaskSummary} task @param {import("../../scripts/types.js").TaskProgress|null} assessment @param {number} now */
    update(task, assessment, now) {
      const found = progressOf(task, assessment, now);
      element.hidden = found === null;
      if (!found) return;
      bar.hidden = found.share === null;
      bar.value = found.share ?? 0;
      element.classList.toggle("progress-late", found.late);
      setText(words, found.says);
      if (found.late && wasInTime) announce(element, found.says);
      wasInTime = !found.late;
    },
  };
}
