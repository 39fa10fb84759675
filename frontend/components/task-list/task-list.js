/** The latest tasks, beside every view: `list.update(state, now)` changes only what is different. */

import { el, setText } from "../../scripts/dom.js";
import { describe } from "../../scripts/format/status-text.js";
import { elapsed, stamp } from "../../scripts/format/time.js";
import { taskAddress } from "../../scripts/router.js";
import { isOpen } from "../../scripts/state/tasks.js";
import { badge } from "../badge/badge.js";

/** @typedef {import("../../scripts/types.js").TaskSummary} TaskSummary */

/** @param {{onOlder: () => void}} actions */
export function taskList({ onOlder }) {
  const items = new Map();
  const list = el("ol", { class: "task-list" });
  const empty = el("p", { class: "task-list-empty" });
  const older = el("button", { type: "button", class: "quiet", click: onOlder }, "Show older tasks");
  const element = el("nav", { class: "tasks", "aria-labelledby": "tasks-heading" });
  element.append(el("h2", { id: "tasks-heading" }, "Tasks"), empty, list, older);

  return {
    element,
    /** @param {import("../../scripts/state/store.js").State} state @param {number} now */
    update({ tasks, cursor, route }, now) {
      setText(empty, tasks === null ? "Loading…" : "No tasks yet.");
      empty.hidden = (tasks ?? []).length > 0;
      older.hidden = cursor === null;
      arrange(list, tasks ?? [], items);
      for (const task of tasks ?? []) items.get(task.id).update(task, route, now);
    },
  };
}

/** @param {HTMLElement} list @param {TaskSummary[]} tasks @param {Map<string, ReturnType<typeof item>>} items */
function arrange(list, tasks, items) {
  const wanted = new Set(tasks.map((task) => task.id));
  for (const [id, { element }] of items) {
    if (wanted.has(id)) continue;
    element.remove();
    items.delete(id);
  }
  tasks.forEach(({ id }, index) => {
    if (!items.has(id)) items.set(id, item(id));
    const { element } = /** @type {ReturnType<typeof item>} */ (items.get(id));
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  });
}

/** @param {string} id */
function item(id) {
  const title = el("span", { class: "task-title", dir: "auto" });
  const state = el("span", { class: "task-state" });
  const time = el("span", { class: "task-time" });
  const link = el("a", { href: taskAddress(id) }, title, el("span", { class: "task-line" }, state, time));
  let wording = "";
  return {
    element: el("li", {}, link),
    /** @param {TaskSummary} task @param {import("../../scripts/router.js").Route} route @param {number} now */
    update(task, route, now) {
      setText(title, task.title);
      if (wording !== (wording = JSON.stringify(describe(task)))) state.replaceChildren(badge(task));
      setText(time, isOpen(task) ? elapsed(task, now) : stamp(task.created_at, now));
      if (route.view === "task" && route.id === id) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    },
  };
}
