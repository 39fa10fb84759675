/** Keys and pointers: which keyboard shortcuts there are and what each does, and whether a pointer is pressed. */

import { listAddress, newAddress, systemAddress, taskAddress } from "./router.js";

/** @typedef {"new"|"find"|"tasks"|"system"|"next"|"previous"|"help"} Shortcut */

/** @type {{key: string, does: Shortcut, words: string}[]} */
export const SHORTCUTS = [
  { key: "n", does: "new", words: "Write a new task" },
  { key: "/", does: "find", words: "Find a task" },
  { key: "t", does: "tasks", words: "All tasks" },
  { key: "s", does: "system", words: "System status" },
  { key: "j", does: "next", words: "Next task" },
  { key: "k", does: "previous", words: "Previous task" },
  { key: "?", does: "help", words: "Show the shortcuts" },
];

/**
 * The shortcut of a key press; null while typing, in an open dialog, and for the browser's own keys.
 * @param {Pick<KeyboardEvent, "key"|"ctrlKey"|"metaKey"|"altKey"|"isComposing"|"defaultPrevented">} event
 * @param {{typing: boolean, dialog: boolean, wanted: boolean}} situation
 * @returns {Shortcut|null}
 */
export function shortcutOf(event, { typing, dialog, wanted }) {
  if (!wanted || typing || dialog || event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.isComposing || event.defaultPrevented) return null;
  return SHORTCUTS.find(({ key }) => key === event.key)?.does ?? null;
}

/** Escape leaves a field; a search box is emptied first, by the browser. @param {KeyboardEvent} event */
function leavesField({ key, target, isComposing, defaultPrevented }) {
  if (key !== "Escape" || isComposing || defaultPrevented || !(target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement)) return false;
  return !(target.type === "search" && target.value);
}

/** The next task of a list; null at its end. @param {{id: string}[]} tasks @param {string|null} id @param {number} step */
export function neighbour(tasks, id, step) {
  const at = tasks.findIndex((task) => task.id === id);
  return (at < 0 ? tasks[0] : tasks[at + step])?.id ?? null;
}

const SINGLE_KEYS = "single-keys";

/** Whether single-key shortcuts are on: some people press keys by accident (WCAG 2.1.4). @param {import("./state/browser-storage.js").Preferences} preferences */
export const wantsKeys = (preferences) => preferences.read(SINGLE_KEYS) !== "off";

/** @param {import("./state/browser-storage.js").Preferences} preferences @param {boolean} wanted */
export const chooseKeys = (preferences, wanted) => preferences.choose(SINGLE_KEYS, wanted ? "on" : "off");

/**
 * @param {object} parts
 * @param {import("./state/store.js").Store} parts.store
 * @param {{focusSearch: () => void, moveFocus: (step: number) => void}} parts.viewHost
 * @param {() => void} parts.openShortcuts
 * @param {() => boolean} parts.isWanted
 */
export function listenToKeys({ store, viewHost, openShortcuts, isWanted }) {
  /** @type {Record<Shortcut, () => void>} */
  const handlers = {
    new: () => (location.hash = newAddress),
    find,
    tasks: () => (location.hash = listAddress()),
    system: () => (location.hash = systemAddress),
    next: () => move(1),
    previous: () => move(-1),
    help: openShortcuts,
  };

  function find() {
    if (store.state.route.view === "list") return viewHost.focusSearch();
    addEventListener("hashchange", viewHost.focusSearch, { once: true });
    location.hash = listAddress();
  }

  /** @param {number} step */
  function move(step) {
    const { route, tasks } = store.state;
    if (route.view === "list") return viewHost.moveFocus(step);
    const id = neighbour(tasks ?? [], route.view === "task" ? route.id : null, step);
    if (id) location.hash = taskAddress(id);
  }

  addEventListener("keydown", (event) => {
    if (leavesField(event)) return /** @type {HTMLElement} */ (event.target).blur();
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]") !== null;
    const dialog = document.querySelector("dialog[open]") !== null;
    const asked = shortcutOf(event, { typing, dialog, wanted: isWanted() });
    if (asked === null) return;
    event.preventDefault(); // "/" would be typed into the search box
    handlers[asked]();
  });
}

/** After which a press whose end was not seen is over. */
const MAX_PRESS_MS = 10_000;

/** The click of a touch comes a moment after its end. */
const CLICK_DELAY_MS = 50;

/** Tells whether a pointer is pressed: while it is, nothing may move under it, or its click would miss. @param {{schedule: (run: () => void, ms: number) => () => void, onReleased: () => void}} parts `onReleased` is called after the click */
export function createPress({ schedule, onReleased }) {
  let isDown = false;
  let cancel = () => {};

  /** @param {number} ms */
  function releaseIn(ms) {
    cancel();
    cancel = schedule(() => {
      isDown = false;
      onReleased();
    }, ms);
  }

  addEventListener("pointerdown", ({ isPrimary, button }) => {
    if (!isPrimary || button !== 0) return;
    isDown = true;
    releaseIn(MAX_PRESS_MS);
  }, true);
  for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => isDown && releaseIn(CLICK_DELAY_MS), true);

  return {
    get isDown() {
      return isDown;
    },
  };
}
