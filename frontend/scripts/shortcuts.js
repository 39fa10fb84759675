/** The keys that save a way with the mouse, and when a key is none of them. */

/** @typedef {"new"|"find"|"tasks"|"system"|"next"|"previous"|"help"} Shortcut */

/** @type {{key: string, does: Shortcut, words: string}[]} */
export const SHORTCUTS = [
  { key: "n", does: "new", words: "Write a new task" },
  { key: "/", does: "find", words: "Find a task" },
  { key: "t", does: "tasks", words: "All tasks" },
  { key: "s", does: "system", words: "How the system is" },
  { key: "j", does: "next", words: "Next task" },
  { key: "k", does: "previous", words: "Previous task" },
  { key: "?", does: "help", words: "This sheet" },
];

/**
 * What a key press asks for; null where it is typing, a browser's own key, or meant for an open dialog.
 * @param {Pick<KeyboardEvent, "key"|"ctrlKey"|"metaKey"|"altKey"|"isComposing"|"defaultPrevented">} event
 * @param {{typing: boolean, dialog: boolean, wanted: boolean}} situation
 * @returns {Shortcut|null}
 */
export function shortcutOf(event, { typing, dialog, wanted }) {
  if (!wanted || typing || dialog || event.ctrlKey || event.metaKey || event.altKey) return null;
  if (event.isComposing || event.defaultPrevented) return null;
  return SHORTCUTS.find(({ key }) => key === event.key)?.does ?? null;
}

/** The task that stands next in a list, or null at its end. @param {{id: string}[]} tasks @param {string|null} id @param {number} step */
export function neighbour(tasks, id, step) {
  const at = tasks.findIndex((task) => task.id === id);
  return (at < 0 ? tasks[0] : tasks[at + step])?.id ?? null;
}

const SINGLE_KEYS = "single-keys";

/** Whether single keys are listened to: not everybody can keep a key from being pressed (WCAG 2.1.4). @param {import("./preferences.js").Preferences} preferences */
export const wantsKeys = (preferences) => preferences.read(SINGLE_KEYS) !== "off";

/** @param {import("./preferences.js").Preferences} preferences @param {boolean} wanted */
export const chooseKeys = (preferences, wanted) => preferences.choose(SINGLE_KEYS, wanted ? "on" : "off");
