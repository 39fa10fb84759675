/** A calm bar of the time that tasks usually take: `progress().update(task, outlook, now)`; it never reaches its end. */

import { el, say, setText } from "../../scripts/dom.js";
import { progressOf } from "../../scripts/progress.js";

export function progress() {
  const bar = el("progress", { max: "1", "aria-label": "Share of earlier tasks that had ended after as long" });
  const words = el("p", {});
  const element = el("div", { class: "progress", hidden: true }, bar, words);
  let wasInTime = false; // a turn for the worse is said once, and only to who was there
  return {
    element,
    /** @param {import("../../scripts/types.js").TaskSummary} task @param {import("../../scripts/types.js").Outlook|null} outlook @param {number} now */
    update(task, outlook, now) {
      const found = progressOf(task, outlook, now);
      element.hidden = found === null;
      if (!found) return;
      bar.hidden = found.share === null;
      bar.value = found.share ?? 0;
      element.classList.toggle("progress-late", found.late);
      setText(words, found.says);
      if (found.late && wasInTime) say(element, found.says);
      wasInTime = !found.late;
    },
  };
}
