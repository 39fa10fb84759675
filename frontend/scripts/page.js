/** Shows the view that the address names, and keeps it while only its content changes. */

import { el } from "./dom.js";
import { message } from "./message.js";
import { VIEWS } from "./views.js";

/** @typedef {import("./store.js").State} State */
/** @typedef {"new"|"task"|"list"|"system"|"sign-in"} ViewName */
/** @typedef {{element: Element, focus: () => void, title: (state: State) => string, update?: (state: State) => void, find?: () => void, move?: (step: number) => void}} View */
/** @typedef {(parts: Parts, state: State) => View} MakeView */

/**
 * @typedef {object} Parts What views are made of.
 * @property {import("./api.js").Api} api
 * @property {Pick<Parameters<typeof import("./submission.js").createSubmission>[0], "api"|"drafts"|"newKey"|"onAccepted"|"onFailed">} starting what all forms share
 * @property {Omit<Parameters<typeof import("./actions.js").createActions>[0], "id"|"onState">} acting what is done to all tasks alike
 * @property {() => number} serverNow
 * @property {(run: () => void, ms: number) => () => void} later runs something once, and returns what cancels it
 * @property {(listener: (event: import("./stream.js").StreamEvent) => void) => void} listen
 * @property {() => void} refresh shows anew what has changed
 * @property {import("./away.js").Away} away
 * @property {(token: string, remember: boolean) => void} onToken
 */

/** @param {HTMLElement} main @param {Parts} parts */
export function createPage(main, parts) {
  let wanted = "";
  let shown = "";
  /** @type {View|null} */
  let view = null;
  /** What a person wants of a view that is on its way. @type {((view: View) => void)|null} */
  let wish = null;
  /** @type {State} */
  let latest;

  /** @param {string} key @param {View} next */
  function show(key, next) {
    const hadFocus = main.contains(document.activeElement);
    shown = key;
    view = next;
    main.replaceChildren(view.element);
    document.body.dataset.view = nameOf(latest) ?? "unknown";
    refresh();
    if (wish) wish(view);
    else if (hadFocus) view.focus();
    wish = null;
  }

  /** What was there stays until the next is complete. @param {string} key @param {ViewName} name */
  async function bring(key, name) {
    const part = await VIEWS[name].bring().catch(() => null);
    if (key === wanted && key !== shown) show(key, part ? part.view(parts, latest) : lost());
  }

  function refresh() {
    view?.update?.(latest);
    document.title = `${view?.title(latest)} · Backburner`;
  }

  /** @param {(view: View) => void} wanting */
  function ask(wanting) {
    wish = null;
    if (view && shown === wanted) wanting(view);
    else wish = wanting;
  }

  return {
    /** @param {State} state */
    tick(state) {
      latest = state;
      const key = keyOf(state);
      const name = nameOf(state);
      const part = name && VIEWS[name].here;
      const known = key === wanted;
      wanted = key;
      if (key === shown) refresh();
      else if (!name) show(key, message("No such page", "This address leads nowhere."));
      else if (part) show(key, part.view(parts, state));
      else if (!known) bring(key, name);
    },
    focus: () => ask((view) => view.focus()),
    /** Begin at the top of another view; the one before may still be seen until then. */
    arrive: () =>
      ask((view) => {
        scrollTo(0, 0);
        view.focus();
      }),
    /** Stand in the search box, where there is one. */
    find: () => ask((view) => view.find?.()),
    /** Lead to the next task of the list on the page, or the one before. @param {number} step */
    move: (step) => ask((view) => view.move?.(step)),
  };
}

/** @param {State} state @returns {ViewName|null} */
function nameOf({ route, locked }) {
  if (locked) return "sign-in";
  return route.view === "unknown" ? null : route.view;
}

/** The same for states that are shown by the same view. @param {State} state */
function keyOf(state) {
  const { route, shown, missing } = state;
  const name = nameOf(state);
  if (name === "sign-in" || name === "list") return name;
  return JSON.stringify([route, name === "task" && [shown?.id, missing]]);
}

function lost() {
  const reload = el("button", { type: "button", click: () => location.reload() }, "Reload the page");
  return message("This part of the page did not come", "Backburner could not be reached. Your drafts are kept.", reload);
}
