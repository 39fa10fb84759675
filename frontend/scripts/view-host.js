/** Shows the view that the address names, and keeps it while only its content changes. */

import { el } from "./dom.js";
import { newAddress } from "./router.js";

/** @typedef {import("./state/store.js").State} State */
/** @typedef {"new"|"task"|"list"|"system"|"notify"|"sign-in"} ViewName */
/** @typedef {{element: Element, focus: () => void, title: (state: State) => string, update?: (state: State) => void, focusSearch?: () => void, moveFocus?: (step: number) => void}} View */
/** @typedef {(parts: Parts, state: State) => View} MakeView */

/**
 * @typedef {object} Parts What views are made of.
 * @property {import("./connection/api.js").Api} api
 * @property {Pick<Parameters<typeof import("./state/submission.js").createSubmission>[0], "api"|"drafts"|"newKey"|"onAccepted"|"onAllAccepted"|"onFailed">} submissionDeps what all forms share
 * @property {Omit<Parameters<typeof import("./state/actions.js").createActions>[0], "id"|"onState"> & {onMarked: (task: import("./types.js").Task) => void}} actionDeps what the actions on all tasks share
 * @property {() => number} serverNow
 * @property {(run: () => void, ms: number) => () => void} schedule runs something once, and returns what cancels it
 * @property {(listener: (event: import("./connection/event-stream.js").StreamEvent) => void) => void} subscribe to the event stream
 * @property {() => void} refresh renders the current state
 * @property {import("./state/attention.js").Attention} attention
 * @property {(signed: {token: string, owner: string}, remember: boolean) => void} onToken
 */

/** Until a view that could not load is tried again. */
const FIRST_RETRY_MS = 2_000;
const MAX_RETRY_MS = 30_000;

/** @param {HTMLElement} main @param {Parts} parts */
export function createViewHost(main, parts) {
  let wanted = "";
  let shown = "";
  /** Whether what is shown says that the view could not load. */
  let failed = false;
  /** @type {View|null} */
  let view = null;
  /** What to do with a view that is still loading. @type {((view: View) => void)|null} */
  let pendingAction = null;
  /** @type {State} */
  let latest;

  /** @param {string} key @param {View} next */
  function show(key, next) {
    const hadFocus = main.contains(document.activeElement);
    failed = false;
    shown = key;
    view = next;
    main.replaceChildren(view.element);
    document.body.dataset.view = nameOf(latest) ?? "unknown";
    refresh();
    if (pendingAction) pendingAction(view);
    else if (hadFocus) view.focus();
    pendingAction = null;
  }

  /** The view before stays until the next is complete. @param {string} key @param {ViewName} name */
  async function load(key, name, delay = FIRST_RETRY_MS) {
    const part = await VIEWS[name].load().catch(() => null);
    if (key !== wanted || (key === shown && !failed)) return;
    if (part || !failed) show(key, part ? part.view(parts, latest) : loadFailed());
    failed = part === null;
    if (failed) parts.schedule(() => key === wanted && load(key, name, Math.min(2 * delay, MAX_RETRY_MS)), delay);
  }

  function refresh() {
    view?.update?.(latest);
    document.title = `${view?.title(latest)} · Backburner`;
  }

  /** @param {(view: View) => void} action */
  function whenLoaded(action) {
    pendingAction = null;
    if (view && shown === wanted) action(view);
    else pendingAction = action;
  }

  return {
    /** @param {State} state */
    render(state) {
      latest = state;
      const key = keyOf(state);
      const name = nameOf(state);
      const part = name && VIEWS[name].here;
      const known = key === wanted;
      wanted = key;
      if (key === shown && (known || !failed)) refresh();
      else if (!name) show(key, messageView("Page not found", "No page has this address."));
      else if (part) show(key, part.view(parts, state));
      else if (!known) load(key, name);
    },
    /** Load a view before it is wanted. @param {ViewName} name */
    prepare: (name) => void VIEWS[name].load().catch(() => {}), // tried again when it is wanted
    focus: () => whenLoaded((view) => view.focus()),
    /** Scroll to the top of the next view, also when it is still loading. */
    focusTop: () =>
      whenLoaded((view) => {
        scrollTo(0, 0);
        view.focus();
      }),
    /** Focus the search box, if there is one. */
    focusSearch: () => whenLoaded((view) => view.focusSearch?.()),
    /** Focus the next task of the list, or the one before. @param {number} step */
    moveFocus: (step) => whenLoaded((view) => view.moveFocus?.(step)),
  };
}

/** @param {State} state @returns {ViewName|null} */
function nameOf({ route, locked }) {
  if (locked) return "sign-in";
  return route.view === "unknown" ? null : route.view;
}

/** Equal for states that the same view shows. @param {State} state */
function keyOf(state) {
  const { route, shown, missing } = state;
  const name = nameOf(state);
  if (name === "sign-in" || name === "list") return name;
  return JSON.stringify([route, name === "task" && [shown?.id, missing]]);
}

function loadFailed() {
  const reload = el("button", { type: "button", click: () => location.reload() }, "Reload the page");
  return messageView("This page could not load", "Backburner could not be reached. Trying again; your drafts are kept.", reload);
}

/** Each loads when it is first shown; boot.js preloads the first one. @type {Record<ViewName, Lazy<{view: MakeView}>>} */
const VIEWS = {
  new: lazy(() => import("../views/new.js")),
  task: lazy(
    () => import("../views/task.js"),
    "components/task-view/task-view.css",
    "styles/answer.css",
  ),
  list: lazy(() => import("../views/list.js"), "components/task-search/task-search.css"),
  system: lazy(() => import("../views/system.js"), "components/system/system.css"),
  notify: lazy(() => import("../views/notify.js"), "components/notify/notify.css"),
  "sign-in": lazy(() => import("../views/sign-in.js"), "components/sign-in/sign-in.css"),
};

const newTaskLink = () => el("p", {}, el("a", { href: newAddress }, "New task"));

/** A view with nothing but a sentence. @param {string} title @param {string} text @param {Element|null} action what to do @returns {View} */
export function messageView(title, text, action = newTaskLink()) {
  const heading = el("h1", { tabindex: "-1" }, title);
  return { element: el("section", {}, heading, el("p", {}, text), action), focus: () => heading.focus(), title: () => title };
}

/**
 * Loads a module with its stylesheets when it is first wanted, so that it never shows unstyled.
 * @template Module
 * @param {() => Promise<Module>} importModule
 * @param {...string} styles addresses of stylesheets
 */
export function lazy(importModule, ...styles) {
  /** @type {Module|null} */
  let here = null;
  return {
    /** The module, once all of it is loaded. */
    get here() {
      return here;
    },
    /** Rejects if the module or a stylesheet cannot be loaded. */
    async load() {
      const [module] = await Promise.all([importModule(), ...styles.map(stylesheet)]);
      return (here = module);
    },
  };
}

/** Between two attempts to load a part of a view. */
const PART_RETRY_MS = 3_000;

/** Loads a part of a view, again and again while it is wanted. @template Module @param {Lazy<Module>} part @param {() => boolean} isWanted @returns {Promise<Module|null>} */
export async function loadWhile(part, isWanted) {
  while (isWanted()) {
    const module = await part.load().catch(() => null);
    if (module) return isWanted() ? module : null;
    await new Promise((resume) => setTimeout(resume, PART_RETRY_MS));
  }
  return null;
}

/** @template Module @typedef {{readonly here: Module|null, load: () => Promise<Module>}} Lazy */

/** @type {Map<string, Promise<void>>} */
const stylesheets = new Map();

/** @param {string} href */
function stylesheet(href) {
  const sheet = stylesheets.get(href) ?? loadStylesheet(href);
  stylesheets.set(href, sheet);
  return sheet;
}

/** Before the print styles, which must win over every other sheet. @param {string} href @returns {Promise<void>} */
function loadStylesheet(href) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  const loaded = new Promise((resolve, reject) => {
    link.addEventListener("load", () => resolve(undefined));
    link.addEventListener("error", () => {
      stylesheets.delete(href);
      link.remove();
      reject(new Error(`${href} could not be loaded`));
    });
  });
  document.head.insertBefore(link, document.querySelector("link[media='print']"));
  return loaded;
}
