/** The thread of a task: follow-ups in one column, each branch indented. */

import { el } from "../../scripts/dom.js";
import { cost } from "../../scripts/format/cost.js";
import { taskAddress } from "../../scripts/router.js";
import { isOpen } from "../../scripts/state/tasks.js";
import { badge } from "../badge/badge.js";

/** @typedef {import("../../scripts/types.js").TaskSummary} TaskSummary */
/** @typedef {{task: TaskSummary, depth: number, how: "start"|"follow-up"|"retry", branch: {number: number, of: number}|null}} Line */

/** @param {TaskSummary[]} tasks oldest first @returns {Line[]} every task once, after the one that it follows */
export function threadLines(tasks) {
  const known = new Set(tasks.map(({ id }) => id));
  const above = (/** @type {TaskSummary} */ { parent_id, retry_of }) => [retry_of, parent_id].find((id) => id !== null && known.has(id)) ?? null;
  /** @type {Map<string|null, TaskSummary[]>} */
  const children = new Map();
  for (const task of tasks) children.set(above(task), [...(children.get(above(task)) ?? []), task]);
  /** @type {Line[]} */
  const lines = [];
  const waiting = below(null, 0);
  while (waiting.length > 0) {
    const line = /** @type {Line} */ (waiting.pop());
    lines.push(line);
    waiting.push(...below(line.task.id, line.depth));
  }
  return lines;

  /** In reverse, for a stack. @param {string|null} id @param {number} depth @returns {Line[]} */
  function below(id, depth) {
    const found = children.get(id) ?? [];
    const branches = id !== null && found.length > 1;
    return found
      .map((task, index) => ({ task, depth: depth + Number(branches), how: relation(task), branch: branches ? { number: index + 1, of: found.length } : null }))
      .reverse();
  }
}

/** @param {TaskSummary} task @returns {Line["how"]} */
const relation = ({ parent_id, retry_of }) => (retry_of ? "retry" : parent_id ? "follow-up" : "start");

const MAX_DEPTH = 6; // steps of indentation
const MAX_OPEN = 12; // tasks; a longer thread starts folded

/** @param {{id: string, api: import("../../scripts/connection/api.js").Api, more: Element}} parts `more` are actions on the whole thread */
export function thread({ id, api, more }) {
  const summary = el("summary", {});
  const list = el("ol", { class: "thread-lines" });
  const cut = el("p", { class: "hint" }, "Not all tasks of this thread are shown.");
  const fold = el("details", {}, summary, list, cut, more);
  const element = el("section", { class: "thread", "aria-label": "Thread", hidden: true }, fold);
  let loaded = false;

  return {
    element,
    async load() {
      const found = await api.thread(id).catch(() => null); // the task is shown without it
      if (!found) return;
      const lines = threadLines(found.data);
      element.hidden = lines.length < 2;
      cut.hidden = !found.truncated;
      summary.textContent = heading(lines);
      list.replaceChildren(...lines.map((line) => row(line, id)));
      if (!loaded) fold.open = lines.length <= MAX_OPEN;
      loaded = true;
    },
  };
}

/** @param {Line[]} lines */
function heading(lines) {
  const branchings = lines.filter(({ branch }) => branch?.number === 1).length;
  const parts = branchings === 0 ? "" : `, branching ${branchings === 1 ? "once" : `${branchings} times`}`;
  return `Thread: ${lines.length} tasks${parts}`;
}

/** @param {Line} line @param {string} current */
function row({ task, depth, how, branch }, current) {
  const link = el("a", { href: taskAddress(task.id), dir: "auto", "aria-current": task.id === current ? "page" : null }, task.title);
  const notes = [how, branch && `branch ${branch.number} of ${branch.of}`, !isOpen(task) && task.cost_usd !== null && cost(task)];
  return el(
    "li",
    { class: `depth-${Math.min(depth, MAX_DEPTH)}${branch ? " branch" : ""}` },
    link,
    el("p", { class: "thread-notes" }, badge(task), el("span", {}, notes.filter(Boolean).join(" · "))),
  );
}
