/** All tasks with filters by words, status and days. */

import { announce, el, setText } from "../../scripts/dom.js";
import { nothingFound, STATUS_LABELS } from "../../scripts/format/search-text.js";
import { listAddress, MAX_QUERY_LENGTH } from "../../scripts/router.js";
import { dateField } from "./date-field.js";
import { selectionBar } from "./selection-bar.js";
import { virtualList } from "./virtual-list.js";
import { nearsEnd } from "./virtual-window.js";

/** @typedef {import("../../scripts/router.js").Query} Query */

/** Between the last key and the search. */
const SEARCH_DELAY_MS = 300;

/** @param {{source: import("../../scripts/state/task-search.js").TaskSearch, query: Query, api: import("../../scripts/connection/api.js").Api, newKey: () => string}} parts */
export function taskSearch({ source, query: first, api, newKey }) {
  let query = first;
  let heard = "";
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let typing;
  const heading = el("h1", { tabindex: "-1" }, "Tasks");
  const words = el("input", { type: "search", id: "find-words", maxlength: String(MAX_QUERY_LENGTH), dir: "auto", autocomplete: "off", "aria-describedby": "find-hint", input: wait });
  const hint = el("p", { class: "find-hint", id: "find-hint" }, "Searches title, prompt and answer; “a phrase”; prefix*");
  const search = el("form", { class: "find", role: "search", submit }, el("label", { for: "find-words" }, "Find"), words, hint);
  const from = dateField("from", () => go("assign"));
  const to = dateField("to", () => go("assign"));
  const days = el("div", { class: "find-days", role: "group", "aria-label": "Sent" }, el("span", {}, "Sent"), from.element, to.element);
  const states = el("nav", { class: "find-states", "aria-label": "Status" });
  const note = el("p", { class: "find-note" });
  /** @type {Set<string>} */
  const selected = new Set();
  const list = virtualList({ onMoved: more, selected, onSelect: showSelected });
  const bar = selectionBar({ api, newKey, onDone: () => (clear(), source.invalidate()), onClear: clear });
  const element = el("section", { class: "task-search" }, heading, search, states, days, note, list.element, bar.element);
  words.value = query.q;
  from.show(query.from);
  to.show(query.to);

  function wait() {
    clearTimeout(typing);
    typing = setTimeout(() => go("replace"), SEARCH_DELAY_MS);
  }

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    go("assign");
  }

  /** Typing replaces the address, so that Back leaves the search in one step. @param {"replace"|"assign"} how */
  function go(how) {
    clearTimeout(typing);
    typing = undefined;
    const q = words.value.trim();
    const address = listAddress({ ...query, q, from: from.day, to: to.day });
    if (address !== listAddress(query)) location[how](address);
  }

  function showSelected() {
    bar.update((source.found.tasks ?? []).filter(({ id }) => selected.has(id)));
  }

  function clear() {
    selected.clear();
    list.redraw();
    showSelected();
  }

  function more() {
    const tasks = shown();
    if (tasks && nearsEnd(list.last, tasks.length)) source.loadOlder();
  }

  /** The API lists both; archived tasks are shown apart. */
  const shown = () => source.found.tasks?.filter(({ archived }) => Boolean(archived) === Boolean(query.archived)) ?? null;

  /** Once for each query. */
  function announceCount() {
    const { cursor } = source.found;
    const tasks = shown();
    if (tasks === null || heard === (heard = JSON.stringify(query))) return;
    if (query.q || query.status || query.from || query.to) announce(element, `${tasks.length}${cursor ? " or more" : ""} found.`);
  }

  return {
    element,
    title: () => (query.q ? `Find: ${query.q}` : query.status ? `Tasks: ${STATUS_LABELS[/** @type {keyof STATUS_LABELS} */ (query.status)]}` : "Tasks"),
    /** Restores the scroll position of the last visit. */
    focus() {
      heading.focus({ preventScroll: true });
      list.restoreScroll();
    },
    focusSearch() {
      words.focus();
      words.select();
    },
    moveFocus: list.moveFocus,
    /** @param {Query} asked @param {number} now */
    update(asked, now) {
      if (listAddress(asked) !== listAddress(query)) {
        scrollTo(0, 0);
        selected.clear();
      }
      query = asked;
      if (typing === undefined && words.value.trim() !== query.q) words.value = query.q;
      from.show(query.from);
      to.show(query.to);
      choices(states, query);
      const { problem } = source.found;
      const tasks = shown();
      setText(note, problem || (tasks === null ? "Searching…" : tasks.length === 0 ? nothingFound(query) : ""));
      note.hidden = note.textContent === "";
      list.update(tasks ?? [], now);
      showSelected();
      announceCount();
    },
  };
}

/** @param {HTMLElement} states @param {Query} query */
function choices(states, query) {
  const wanted = listAddress(query);
  if (states.dataset.shown === wanted) return;
  const had = states.contains(document.activeElement);
  states.dataset.shown = wanted;
  const of = (/** @type {string|null} */ status) => ({ ...query, status, archived: false });
  states.replaceChildren(choice("All", of(null)), ...Object.entries(STATUS_LABELS).map(([status, word]) => choice(word, of(status))), choice("Archived", { ...of(null), archived: true }));
  if (had) /** @type {HTMLElement|null} */ (states.querySelector("[aria-current]"))?.focus();

  /** @param {string} word @param {Query} to */
  function choice(word, to) {
    return el("a", { href: listAddress(to), "aria-current": to.status === query.status && Boolean(to.archived) === Boolean(query.archived) && "true" }, word);
  }
}
