/** A task's status as a label with an icon, so that it is never told by colour alone: `badge(task)`. */

import { el } from "../../scripts/dom.js";
import { describe } from "../../scripts/format/status-text.js";

/** @param {import("../../scripts/types.js").TaskSummary} task */
export function badge(task) {
  const { word, tone, sign = tone } = describe(task);
  return el("span", { class: `badge tone-${tone}` }, icon(sign), word);
}

const SVG = "http://www.w3.org/2000/svg";

/** Stroked paths in a 16 by 16 view box. @type {Record<import("../../scripts/format/status-text.js").Sign, string>} */
const PATHS = {
  waiting: "M8 4.5V8l2.5 1.5M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z",
  working: "M14 8a6 6 0 1 1-6-6",
  good: "m3 8.5 3.2 3.2L13 4.5",
  bad: "m4 4 8 8M12 4l-8 8",
  unsure: "M5.5 6a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.8-1.1 1.6M8 12.6v.2",
  partial: "M8 2a6 6 0 1 1 0 12a6 6 0 1 1 0-12v12",
  paused: "M5.5 3.5v9M10.5 3.5v9",
  quiet: "M3 8h10",
};

/** @param {import("../../scripts/format/status-text.js").Sign} sign */
export function icon(sign) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 16 16");
  drawing.setAttribute("class", `icon icon-${sign}`);
  drawing.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[sign]);
  drawing.append(path);
  return drawing;
}
