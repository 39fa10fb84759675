/**
 * A list of any length in which only the rows in sight exist.
 *
 * All rows have the height of the first. The focused row stays in the DOM, wherever it is.
 */

import { el, setText } from "../../scripts/dom.js";
import { rowFigures } from "../../scripts/format/row.js";
import { describe } from "../../scripts/format/status-text.js";
import { fullTime } from "../../scripts/format/time.js";
import { taskAddress } from "../../scripts/router.js";
import { badge } from "../badge/badge.js";
import { rowsInSight } from "./virtual-window.js";

/** @typedef {import("../../scripts/types.js").TaskSummary} TaskSummary */
/** @typedef {import("../../scripts/types.js").Snippet} Snippet */

/** The scroll position of the last visit. */
let savedScroll = 0;

/** @param {{onMoved: () => void, selected: Set<string>, onSelect: () => void}} parts `selected` are ids of tasks */
export function virtualList({ onMoved, selected, onSelect }) {
  /** @type {Map<string, ReturnType<typeof row>>} */
  const drawn = new Map();
  const list = el("ol", { class: "rows" });
  /** @type {TaskSummary[]} */
  let tasks = [];
  let now = 0;
  /** @type {Record<string, Snippet>|null} */
  let snippets = null;
  let height = 0;
  let last = 0;
  /** @type {string|null} */
  let held = null;
  const detached = new AbortController();
  const moved = () => {
    if (!list.isConnected) return detached.abort();
    savedScroll = scrollY;
    requestAnimationFrame(draw);
  };
  addEventListener("scroll", moved, { passive: true, signal: detached.signal });
  addEventListener("resize", moved, { signal: detached.signal });
  list.addEventListener("focusin", (event) => (held = idOf(event.target)));
  list.addEventListener("focusout", () => (held = null));

  function draw() {
    if (!list.isConnected) return;
    height = measured() || height;
    const above = -list.getBoundingClientRect().top;
    const sight = rowsInSight({ above, height: innerHeight, row: height || 1, count: tasks.length });
    last = sight.last;
    const length = `${tasks.length * height}px`;
    if (list.style.height !== length) list.style.height = length;
    arrange(wanted(sight));
    onMoved();
  }

  /** @param {string} id @param {boolean} wanted */
  function choose(id, wanted) {
    if (wanted) selected.add(id);
    else selected.delete(id);
    onSelect();
  }

  /** Height of the first row, which depends on screen and text size. */
  function measured() {
    if (tasks.length === 0) return 0;
    if (drawn.size === 0) arrange([0]);
    return /** @type {HTMLElement} */ (list.firstElementChild).getBoundingClientRect().height;
  }

  /** @param {{first: number, last: number}} sight */
  function wanted(sight) {
    const indexes = Array.from({ length: sight.last - sight.first }, (_, index) => sight.first + index);
    const at = held === null ? -1 : tasks.findIndex(({ id }) => id === held);
    if (at < 0 || (at >= sight.first && at < sight.last)) return indexes;
    return at < sight.first ? [at, ...indexes] : [...indexes, at];
  }

  /** @param {number[]} indexes */
  function arrange(indexes) {
    const stay = new Set(indexes.map((index) => tasks[index].id));
    for (const [id, { element }] of drawn) {
      if (stay.has(id)) continue;
      element.remove();
      drawn.delete(id);
    }
    indexes.forEach((index, place) => {
      const task = tasks[index];
      const one = drawn.get(task.id) ?? row(task.id, choose);
      drawn.set(task.id, one);
      one.setSelected(selected.has(task.id));
      one.update(task, index, tasks.length, height, now);
      one.explain(snippets && (snippets[task.id] ?? null));
      if (list.children[place] !== one.element) list.insertBefore(one.element, list.children[place] ?? null);
    });
  }

  return {
    element: list,
    /** The index after the last row that is drawn. */
    get last() {
      return last;
    },
    redraw: draw,
    restoreScroll: () => scrollTo(0, savedScroll),
    /** Focus the next row or the one before. @param {number} step */
    moveFocus(step) {
      const at = tasks.findIndex(({ id }) => id === held);
      const next = tasks[at < 0 ? 0 : at + step];
      if (!next) return;
      held = next.id;
      draw();
      drawn.get(next.id)?.link.focus();
    },
    /** @param {TaskSummary[]} latest @param {number} time @param {Record<string, Snippet>|null} found why each task was found; null without a search */
    update(latest, time, found) {
      tasks = latest;
      now = time;
      snippets = found;
      list.classList.toggle("explained", found !== null); // every row then has a line more
      draw();
    },
  };
}

/** @param {EventTarget|null} target */
const idOf = (target) => /** @type {HTMLElement} */ (target).dataset.task ?? null;

/** @param {string} id @param {(id: string, wanted: boolean) => void} onSelect */
function row(id, onSelect) {
  const title = el("span", { class: "row-title", dir: "auto" });
  const state = el("span", { class: "row-state" });
  const lasted = el("span", { class: "row-lasted" });
  const cost = el("span", { class: "row-cost" });
  const since = el("time", { class: "row-since" });
  const why = el("span", { class: "row-why", dir: "auto" });
  const link = el("a", { href: taskAddress(id), "data-task": id }, title, state, lasted, cost, since, why);
  const box = el("input", { type: "checkbox", "data-task": id, change: () => onSelect(id, box.checked) });
  const element = el("li", {}, el("label", { class: "row-box" }, box), link);
  let wording = "";
  /** @type {Snippet|null} */
  let explained = null;
  return {
    element,
    link,
    /** @param {Snippet|null} snippet */
    explain(snippet) {
      if (explained === (explained = snippet)) return;
      why.replaceChildren(...(snippet ? snippet.parts.map(({ text, match }) => (match ? el("mark", {}, text) : text)) : []));
    },
    /** @param {boolean} wanted */
    setSelected: (wanted) => (box.checked = wanted),
    /** @param {TaskSummary} task @param {number} index @param {number} count @param {number} height @param {number} now */
    update(task, index, count, height, now) {
      element.style.top = `${index * height}px`;
      element.ariaPosInSet = String(index + 1);
      element.ariaSetSize = String(count);
      setText(title, task.title);
      box.setAttribute("aria-label", `Select ${task.title}`);
      if (wording !== (wording = JSON.stringify(describe(task)))) state.replaceChildren(badge(task));
      const figures = rowFigures(task, now);
      setText(lasted, figures.lasted);
      setText(cost, figures.cost);
      setText(since, figures.since);
      if (since.dateTime === task.created_at) return;
      since.dateTime = task.created_at;
      since.title = fullTime(task.created_at);
    },
  };
}
