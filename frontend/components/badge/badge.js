/** The word for a task's state with its sign: `badge(task)` in the list and above the answer. */

import { el } from "../../scripts/dom.js";
import { describe } from "../../scripts/states.js";
import { icon } from "./icons.js";

/** @param {import("../../scripts/types.js").TaskSummary} task */
export function badge(task) {
  const { word, tone, sign = tone } = describe(task);
  return el("span", { class: `badge tone-${tone}` }, icon(sign), word);
}
