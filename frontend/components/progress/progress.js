/** How far a task has come by the clock, as far as that can be said: time that has passed is not work that is done. */

import { announce, el, setText } from "../../scripts/dom.js";
import { duration } from "../../scripts/format/time.js";

/** @typedef {import("../../scripts/types.js").TaskSummary} TaskSummary */
/** @typedef {import("../../scripts/types.js").TaskProgress} TaskProgress */
/** @typedef {{share: number|null, late: boolean, says: string}} Progress */

/**
 * How many of the earlier tasks had ended after as long a time: a half at p50, nine of ten at p90,
 * where it stays. Null for a task that is not being worked on, or of which nothing is known.
 * @param {TaskSummary} task @param {TaskProgress|null} assessment @param {number} now @returns {Progress|null}
 */
export function progressOf(task, assessment, now) {
  if (task.status !== "in_progress" || assessment === null || task.submitted_at === null) return null;
  const { usual, at_risk } = assessment;
  const risk = at_risk ? ` ${at_risk.message}` : "";
  if (usual === null) return { share: null, late: at_risk !== null, says: `Too few tasks have ended here to say how long one takes.${risk}` };
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
const within = ({ p50, p90 }) => `Half of the latest tasks took up to ${roundDuration(p50)}, nine of ten up to ${roundDuration(p90)}.`;

/** The server judges at each check; until it has seen this, it is said without a reason. @param {TaskProgress} assessment @param {import("../../scripts/types.js").Usual} usual */
function beyond({ pace, message }, { p90 }) {
  if (pace === "slow" || pace === "stuck") return message;
  return `It takes longer than nine of ten tasks did (${roundDuration(p90)}). It may still end well.`;
}

/** @param {number} seconds */
const roundDuration = (seconds) => duration(seconds < 60 ? Math.ceil(seconds) * 1000 : Math.round(seconds / 60) * 60_000).replace(" 00 s", "");

/* A calm bar of the time that tasks usually take: `progress().update(task, assessment, now)`; it never reaches its end. */

export function progress() {
  const bar = el("progress", { max: "1", "aria-label": "Share of earlier tasks that had ended after as long" });
  const words = el("p", {});
  const element = el("div", { class: "progress", hidden: true }, bar, words);
  let wasInTime = false; // a turn for the worse is said once, and only to who was there
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
