/** The latest tasks beside every view, by what they ask for and by day: `list.update(state, now)` changes only what is different. */

import { el, setText } from "../../scripts/dom.js";
import { describe } from "../../scripts/format/status-text.js";
import { age } from "../../scripts/format/time.js";
import { taskAddress } from "../../scripts/router.js";
import { groupOf, isOpen } from "../../scripts/state/tasks.js";
import { icon } from "../badge/badge.js";

/** @typedef {import("../../scripts/types.js").TaskSummary} TaskSummary */
/** @typedef {import("../../scripts/state/tasks.js").Group} Group */

/** @type {Group[]} */
const GROUPS = ["Needs you", "Running", "Pinned", "Today", "Yesterday", "Older"];

/** @param {{onOlder: () => void}} actions */
export function taskList({ onOlder }) {
  const items = new Map();
  const sections = GROUPS.map(section);
  const empty = el("p", { class: "task-list-empty" });
  const older = el("button", { type: "button", class: "quiet", click: onOlder }, "Show older tasks");
  const element = el("nav", { class: "tasks", "aria-label": "Tasks" }, empty, ...sections.map((each) => each.element), older);

  return {
    element,
    /** @param {import("../../scripts/state/store.js").State} state @param {number} now */
    update({ tasks, openTasks, cursor, route }, now) {
      setText(empty, tasks === null ? "Loading…" : "No tasks yet.");
      empty.hidden = (tasks ?? []).length > 0;
      older.hidden = cursor === null;
      const known = new Set((tasks ?? []).map(({ id }) => id));
      const all = [...(tasks ?? []), ...openTasks.filter(({ id }) => !known.has(id))];
      for (const each of sections) each.update(all.filter((task) => groupOf(task, now) === each.name), items);
      for (const id of items.keys()) if (!all.some((task) => task.id === id)) items.delete(id);
      for (const task of all) items.get(task.id)?.update(task, route, now); // an archived one has none
    },
  };
}

/** @param {Group} name */
function section(name) {
  const list = el("ol", { class: "task-list", "aria-label": name });
  const element = el("section", { class: "task-group", hidden: true }, el("h2", { "aria-hidden": "true" }, name), list);
  return {
    name,
    element,
    /** @param {TaskSummary[]} tasks @param {Map<string, ReturnType<typeof item>>} items */
    update(tasks, items) {
      const wanted = tasks.map(({ id }) => items.get(id) ?? item(id));
      tasks.forEach(({ id }, index) => items.set(id, wanted[index]));
      const elements = new Set(wanted.map((each) => each.element));
      for (const child of [...list.children]) if (!elements.has(/** @type {HTMLLIElement} */ (child))) child.remove();
      wanted.forEach((each, index) => list.children[index] !== each.element && list.insertBefore(each.element, list.children[index] ?? null));
      element.hidden = tasks.length === 0;
    },
  };
}

/** @param {string} id */
function item(id) {
  const title = el("span", { class: "task-title", dir: "auto" });
  const unread = el("span", { class: "visually-hidden" });
  const time = el("span", { class: "task-time" });
  const state = el("span", { class: "task-state" });
  const link = el("a", { href: taskAddress(id) }, title, unread, time, state);
  let wording = "";
  return {
    element: el("li", {}, link),
    /** @param {TaskSummary} task @param {import("../../scripts/router.js").Route} route @param {number} now */
    update(task, route, now) {
      setText(title, task.title);
      setText(time, age(task.created_at, now));
      const isHere = route.view === "task" && route.id === id;
      const isUnread = task.unread && !isHere;
      link.classList.toggle("unread", isUnread);
      setText(unread, isUnread ? ", not read yet" : "");
      if (isHere) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
      if (wording === (wording = JSON.stringify(describe(task)))) return;
      const { word, tone, sign = tone } = describe(task);
      state.className = `task-state tone-${tone}`;
      // A completed task is the rule, which needs no word in sight.
      state.replaceChildren(...(task.status === "completed" ? [el("span", { class: "visually-hidden" }, word)] : [icon(sign), word]));
    },
  };
}
