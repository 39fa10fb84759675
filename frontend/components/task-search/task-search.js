/** All tasks with filters by words, status and days. */

import { announce, el, setText } from "../../scripts/dom.js";
import { countText, nothingFound, STATUS_LABELS } from "../../scripts/format/search-text.js";
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
  const count = el("p", { class: "find-count" });
  const orders = el("nav", { class: "find-orders", "aria-label": "Sort" });
  const bar = el("div", { class: "find-bar" }, count, orders);
  const note = el("p", { class: "find-note" });
  /** @type {Set<string>} */
  const selected = new Set();
  const list = virtualList({ onMoved: more, selected, onSelect: showSelected });
  const actions = selectionBar({ api, newKey, onDone: () => (clear(), source.invalidate()), onClear: clear });
  const element = el("section", { class: "task-search" }, heading, search, states, days, bar, note, list.element, actions.element);
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
    actions.update((source.found.tasks ?? []).filter(({ id }) => selected.has(id)));
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

  /** @param {number} shown */
  function showCount(shown) {
    const { total, compared, cursor } = source.found;
    setText(count, countText(query, { shown, total, compared, isWhole: cursor === null && !query.sort }));
    bar.hidden = shown === 0 && !query.sort;
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
      const like = (/** @type {Partial<Query>} */ changes) => ({ ...query, ...changes });
      const ofStatus = (/** @type {string|null} */ status) => like({ status, archived: false });
      choices(states, query, [["All", ofStatus(null)], ...Object.entries(STATUS_LABELS).map(([status, word]) => /** @type {Choice} */ ([word, ofStatus(status)])), ["Archived", like({ status: null, archived: true })]]);
      choices(orders, query, [["Newest", like({ sort: undefined })], ["Longest", like({ sort: "duration" })], ["Most expensive", like({ sort: "cost" })]]);
      const { problem } = source.found;
      const tasks = shown();
      setText(note, problem || (tasks === null ? "Searching…" : tasks.length === 0 ? nothingFound(query) : ""));
      note.hidden = note.textContent === "";
      showCount(tasks?.length ?? 0);
      list.update(tasks ?? [], now, query.q ? source.found.snippets : null);
      showSelected();
      announceCount();
    },
  };
}

/** @typedef {[string, Query]} Choice a word and where it leads */

/** Draws links of which one is current. @param {HTMLElement} nav @param {Query} query @param {Choice[]} all */
function choices(nav, query, all) {
  const here = listAddress(query);
  if (nav.dataset.shown === here) return;
  const had = nav.contains(document.activeElement);
  nav.dataset.shown = here;
  nav.replaceChildren(...all.map(([word, to]) => el("a", { href: listAddress(to), "aria-current": listAddress(to) === here && "true" }, word)));
  if (had) /** @type {HTMLElement|null} */ (nav.querySelector("[aria-current]"))?.focus();
}
