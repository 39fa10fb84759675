/** All tasks, narrowed by words, state and days; of a long list only the rows in sight are there. */

import { el, say, setText } from "../../scripts/dom.js";
import { nothingFound, STATES } from "../../scripts/query.js";
import { listAddress, LONGEST_QUERY } from "../../scripts/router.js";
import { nearsEnd } from "../../scripts/window.js";
import { day } from "./day.js";
import { rows } from "./rows.js";

/** @typedef {import("../../scripts/router.js").Query} Query */

/** Milliseconds without a key after which what was typed is looked for. */
const PAUSE = 300;

/** @param {{source: import("../../scripts/finder.js").Finder, query: Query}} parts */
export function finder({ source, query: first }) {
  let query = first;
  let heard = "";
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let typing;
  const heading = el("h1", { tabindex: "-1" }, "Tasks");
  const words = el("input", { type: "search", id: "find-words", maxlength: String(LONGEST_QUERY), dir: "auto", autocomplete: "off", "aria-describedby": "find-hint", input: wait });
  const hint = el("p", { class: "find-hint", id: "find-hint" }, "In title, prompt and answer; “a phrase”; begin*");
  const search = el("form", { class: "find", role: "search", submit }, el("label", { for: "find-words" }, "Find"), words, hint);
  const from = day("from", () => go("assign"));
  const to = day("to", () => go("assign"));
  const days = el("div", { class: "find-days", role: "group", "aria-label": "Handed in" }, el("span", {}, "Handed in"), from.element, to.element);
  const states = el("nav", { class: "find-states", "aria-label": "State" });
  const note = el("p", { class: "find-note" });
  const list = rows({ onMoved: more });
  const element = el("section", { class: "finder" }, heading, search, states, days, note, list.element);
  words.value = query.q;
  from.show(query.from);
  to.show(query.to);

  function wait() {
    clearTimeout(typing);
    typing = setTimeout(() => go("replace"), PAUSE);
  }

  /** @param {Event} event */
  function submit(event) {
    event.preventDefault();
    go("assign");
  }

  /** While one types the address follows, and back leads out of the search at once. @param {"replace"|"assign"} how */
  function go(how) {
    clearTimeout(typing);
    typing = undefined;
    const q = words.value.trim();
    const address = listAddress({ ...query, q, from: from.day, to: to.day });
    if (address !== listAddress(query)) location[how](address);
  }

  function more() {
    const { tasks } = source.found;
    if (tasks && nearsEnd(list.last, tasks.length)) source.older();
  }

  /** Said once for each search; typing on is not talked over. */
  function announce() {
    const { tasks, cursor } = source.found;
    if (tasks === null || heard === (heard = JSON.stringify(query))) return;
    if (query.q || query.status || query.from || query.to) say(element, `${tasks.length}${cursor ? " or more" : ""} found.`);
  }

  return {
    element,
    title: () => (query.q ? `Find: ${query.q}` : query.status ? `Tasks: ${STATES[/** @type {keyof STATES} */ (query.status)]}` : "Tasks"),
    /** Whoever comes back stands where they left. */
    focus() {
      heading.focus({ preventScroll: true });
      list.comeBack();
    },
    find() {
      words.focus();
      words.select();
    },
    move: list.move,
    /** @param {Query} asked @param {number} now */
    update(asked, now) {
      if (listAddress(asked) !== listAddress(query)) scrollTo(0, 0);
      query = asked;
      if (typing === undefined && words.value.trim() !== query.q) words.value = query.q;
      from.show(query.from);
      to.show(query.to);
      choices(states, query);
      const { tasks, problem } = source.found;
      setText(note, problem || (tasks === null ? "Looking…" : tasks.length === 0 ? nothingFound(query) : ""));
      note.hidden = note.textContent === "";
      list.update(tasks ?? [], now);
      announce();
    },
  };
}

/** @param {HTMLElement} states @param {Query} query */
function choices(states, query) {
  const wanted = listAddress(query);
  if (states.dataset.shown === wanted) return;
  const had = states.contains(document.activeElement);
  states.dataset.shown = wanted;
  states.replaceChildren(choice("All", { ...query, status: null }), ...Object.entries(STATES).map(([status, word]) => choice(word, { ...query, status })));
  if (had) /** @type {HTMLElement|null} */ (states.querySelector("[aria-current]"))?.focus();

  /** @param {string} word @param {Query} to */
  function choice(word, to) {
    return el("a", { href: listAddress(to), "aria-current": to.status === query.status && "true" }, word);
  }
}
