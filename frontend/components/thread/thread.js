/** The tasks that belong together: what went before, what came after, and where the ways part. */

import { el } from "../../scripts/dom.js";
import { cost } from "../../scripts/figures.js";
import { taskAddress } from "../../scripts/router.js";
import { isOpen } from "../../scripts/states.js";
import { linesOf } from "../../scripts/thread.js";
import { badge } from "../badge/badge.js";

const DEEPEST = 6; // steps in; further branches stand below each other
const MANY = 12;

/** @typedef {import("../../scripts/thread.js").Line} Line */

/** @param {{id: string, api: import("../../scripts/api.js").Api, more: Element}} parts `more` is what can be done with the whole of it */
export function thread({ id, api, more }) {
  const summary = el("summary", {});
  const list = el("ol", { class: "thread-lines" });
  const cut = el("p", { class: "hint" }, "There are more than are shown here.");
  const fold = el("details", {}, summary, list, cut, more);
  const element = el("section", { class: "thread", "aria-label": "Thread", hidden: true }, fold);
  let begun = false;

  return {
    element,
    async load() {
      const found = await api.thread(id).catch(() => null); // it is an extra: the task is shown without it
      if (!found) return;
      const lines = linesOf(found.data);
      element.hidden = lines.length < 2;
      cut.hidden = !found.truncated;
      summary.textContent = heading(lines);
      list.replaceChildren(...lines.map((line) => row(line, id)));
      if (!begun) fold.open = lines.length <= MANY;
      begun = true;
    },
  };
}

/** @param {Line[]} lines */
function heading(lines) {
  const partings = lines.filter(({ branch }) => branch?.number === 1).length;
  const parts = partings === 0 ? "" : `, ${partings === 1 ? "parting once" : `parting ${partings} times`}`;
  return `Thread: ${lines.length} tasks${parts}`;
}

/** @param {Line} line @param {string} current */
function row({ task, depth, how, branch }, current) {
  const link = el("a", { href: taskAddress(task.id), dir: "auto", "aria-current": task.id === current ? "page" : null }, task.title);
  const notes = [how, branch && `branch ${branch.number} of ${branch.of}`, !isOpen(task) && task.cost_usd !== null && cost(task)];
  return el(
    "li",
    { class: `depth-${Math.min(depth, DEEPEST)}${branch ? " branch" : ""}` },
    link,
    el("p", { class: "thread-notes" }, badge(task), el("span", {}, notes.filter(Boolean).join(" · "))),
  );
}
