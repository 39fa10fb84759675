/** Shows the view that the address names, and keeps it while only its content changes. */

import { composer } from "../components/composer/composer.js";
import { finder } from "../components/finder/finder.js";
import { systemView } from "../components/system/system.js";
import { deleted } from "../components/task-view/deleted.js";
import { taskView } from "../components/task-view/task-view.js";
import { compositionOf, emptyComposition } from "./conversation.js";
import { el, setText } from "./dom.js";
import { newAddress, taskAddress } from "./router.js";
import { describe } from "./states.js";
import { withChecks } from "./task-collection.js";

/** @typedef {import("./store.js").State} State */
/** @typedef {{element: Element, focus: () => void, title: (state: State) => string, update?: (state: State) => void, find?: () => void, move?: (step: number) => void}} View */

/** @param {{main: HTMLElement, api: import("./api.js").Api, source: import("./finder.js").Finder, start: (parts: any) => any, act: (parts: any) => any, serverNow: () => number, away: HTMLElement}} parts */
export function createPage({ main, api, source, start, act, serverNow, away }) {
  let key = "";
  /** @type {View|null} */
  let view = null;

  /** @param {State} state @returns {View} */
  function build(state) {
    const { route, shown, missing, tombstone } = state;
    if (route.view === "new" && route.from === null) return newView(emptyComposition(), "new");
    if (route.view === "new") return copyView(route.from ?? "");
    if (route.view === "list") return listView(route);
    if (route.view === "system") return operate();
    if (route.view === "unknown") return message("No such page", "This address leads nowhere.");
    if (missing && tombstone) return receiptOf(tombstone);
    if (missing) return message("No such task", "Backburner has no task with this address. It may have been removed.");
    return shown ? openTask(shown) : message("Loading…", "", null);
  }

  /** @param {import("./conversation.js").Composition} initial @param {string} slot @param {string} [parent] @returns {View} */
  function newView(initial, slot, parent) {
    const form = composer({ start: (/** @type {any} */ parts) => start({ ...parts, parent }), estimate: api.estimate, initial, slot });
    const lead = el("p", { class: "lead" });
    const element = el("section", { class: "new-task" }, el("h1", {}, "New task"), lead, parent ? branchNote(parent) : null, form.element);
    const update = (/** @type {State} */ { readiness }) =>
      setText(lead, `${readiness ? `Answered by ${readiness.model} with web search` : "Answered with web search"}, often after many minutes. Hand it in, close the page, come back later.`);
    return { element, focus: form.focus, title: () => "New task", update };
  }

  /** A branch: a new task that begins as a copy of another's conversation. @param {string} id @returns {View} */
  function copyView(id) {
    const holder = el("div", {}, el("p", {}, "Loading the conversation…"));
    /** @type {View|null} */
    let inner = null;
    const load = async () => {
      const initial = compositionOf((await api.retrieveTask(id)).input);
      inner = newView(initial, `copy.${id}`, id);
      holder.replaceChildren(inner.element);
      inner.focus();
    };
    load().catch(() => holder.replaceChildren(el("p", {}, "The conversation could not be loaded. Reload the page to try again.")));
    return { element: holder, focus: () => inner?.focus(), title: () => "New task", update: (state) => inner?.update?.(state) };
  }

  /** @param {import("./types.js").Task} task @returns {View} */
  function openTask(task) {
    const { element, heading, update } = taskView({ task, api, start, act, away });
    const latest = (/** @type {State} */ { shown, tasks }) =>
      withChecks(shown ?? task, tasks?.find(({ id }) => id === task.id));
    return {
      element,
      focus: () => heading.focus(),
      title: (state) => `${describe(latest(state)).word}: ${task.title}`,
      update: (state) => update(latest(state), serverNow(), state.outlook),
    };
  }

  /** @param {import("./router.js").Query} query @returns {View} */
  function listView(query) {
    const { element, title, focus, find, move, update } = finder({ source, query });
    return { element, title, focus, find, move, update: ({ route }) => route.view === "list" && update(route, serverNow()) };
  }

  /** @returns {View} */
  function operate() {
    const { element, heading, update } = systemView(api);
    return { element, focus: () => heading.focus(), title: () => "System", update: ({ readiness }) => update(readiness, serverNow()) };
  }

  /** @param {import("./types.js").Tombstone} tombstone @returns {View} */
  function receiptOf(tombstone) {
    const { element, heading } = deleted(tombstone);
    return { element, focus: () => heading.focus(), title: () => "Deleted" };
  }

  return {
    /** @param {State} state */
    tick(state) {
      const { route, shown, missing } = state;
      const next = JSON.stringify([route.view === "list" ? route.view : route, route.view === "task" && [shown?.id, missing]]);
      if (next !== key) {
        key = next;
        const hadFocus = main.contains(document.activeElement);
        view = build(state);
        main.replaceChildren(view.element);
        document.body.dataset.view = route.view;
        if (hadFocus) view.focus();
      }
      view?.update?.(state);
      document.title = `${view?.title(state)} · Backburner`;
    },
    focus: () => view?.focus(),
    /** Stand in the search box, where there is one. */
    find: () => view?.find?.(),
    /** Lead to the next task of the list on the page, or the one before. @param {number} step */
    move: (step) => view?.move?.(step),
  };
}

/** @param {string} id */
const branchNote = (id) => el("p", { class: "lineage" }, "A branch of ", el("a", { href: taskAddress(id) }, "an earlier task"), ", which stays as it is.");

const way = () => el("p", {}, el("a", { href: newAddress }, "New task"));

/** @param {string} title @param {string} text @param {Element|null} further @returns {View} */
function message(title, text, further = way()) {
  const heading = el("h1", { tabindex: "-1" }, title);
  return { element: el("section", {}, heading, el("p", {}, text), further ?? ""), focus: () => heading.focus(), title: () => title };
}
