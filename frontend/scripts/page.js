/** Shows the view that the address names, and keeps it while only its content changes. */

import { composer } from "../components/composer/composer.js";
import { taskView } from "../components/task-view/task-view.js";
import { compositionOf, emptyComposition } from "./conversation.js";
import { el, setText } from "./dom.js";
import { newAddress } from "./router.js";
import { describe } from "./states.js";
import { withChecks } from "./task-collection.js";

/** @typedef {import("./store.js").State} State */
/** @typedef {{element: Element, focus: () => void, title: (state: State) => string, update?: (state: State) => void}} View */

/** @param {{main: HTMLElement, api: import("./api.js").Api, start: (parts: any) => any, act: (parts: any) => any, serverNow: () => number}} parts */
export function createPage({ main, api, start, act, serverNow }) {
  let key = "";
  /** @type {View|null} */
  let view = null;

  /** @param {State} state @returns {View} */
  function build(state) {
    const { route, shown, missing } = state;
    if (route.view === "new" && route.from === null) return newView(emptyComposition(), "new");
    if (route.view === "new") return copyView(route.from ?? "");
    if (route.view === "list") return message("Tasks", "Choose a task from the list to see how it is doing.", null);
    if (route.view === "unknown") return message("No such page", "This address leads nowhere.");
    if (missing) return message("No such task", "Backburner has no task with this address. It may have been removed.");
    return shown ? openTask(shown) : message("Loading…", "", null);
  }

  /** @param {import("./conversation.js").Composition} initial @param {string} slot @returns {View} */
  function newView(initial, slot) {
    const form = composer({ start, initial, slot });
    const lead = el("p", { class: "lead" });
    const element = el("section", { class: "new-task" }, el("h1", {}, "New task"), lead, form.element);
    const update = (/** @type {State} */ { readiness }) =>
      setText(lead, `${readiness ? `Answered by ${readiness.model} with web search` : "Answered with web search"}, often after many minutes. Hand it in, close the page, come back later.`);
    return { element, focus: form.focus, title: () => "New task", update };
  }

  /** A new task that begins as a copy of another's conversation. @param {string} id @returns {View} */
  function copyView(id) {
    const holder = el("div", {}, el("p", {}, "Loading the conversation…"));
    /** @type {View|null} */
    let inner = null;
    const load = async () => {
      const initial = compositionOf((await api.retrieveTask(id)).input);
      inner = initial
        ? newView(initial, `copy.${id}`)
        : message("New task", "The turns of this conversation do not alternate, so this page cannot edit it. Use the HTTP interface instead.");
      holder.replaceChildren(inner.element);
      inner.focus();
    };
    load().catch(() => holder.replaceChildren(el("p", {}, "The conversation could not be loaded. Reload the page to try again.")));
    return { element: holder, focus: () => inner?.focus(), title: () => "New task", update: (state) => inner?.update?.(state) };
  }

  /** @param {import("./types.js").Task} task @returns {View} */
  function openTask(task) {
    const { element, heading, update } = taskView({ task, api, start, act });
    const latest = (/** @type {State} */ { shown, tasks }) =>
      withChecks(shown ?? task, tasks?.find(({ id }) => id === task.id));
    return {
      element,
      focus: () => heading.focus(),
      title: (state) => `${describe(latest(state)).word}: ${task.title}`,
      update: (state) => update(latest(state), serverNow()),
    };
  }

  return {
    /** @param {State} state */
    tick(state) {
      const { route, shown, missing } = state;
      const next = JSON.stringify([route, route.view === "task" && [shown?.id, missing]]);
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
  };
}

const way = () => el("p", {}, el("a", { href: newAddress }, "New task"));

/** @param {string} title @param {string} text @param {Element|null} further @returns {View} */
function message(title, text, further = way()) {
  const heading = el("h1", { tabindex: "-1" }, title);
  return { element: el("section", {}, heading, el("p", {}, text), further ?? ""), focus: () => heading.focus(), title: () => title };
}
