/** What came while nobody looked: counted in the tab's title and told by notification, each only where it was chosen. */

import { isOpen } from "./states.js";

/** @typedef {import("./types.js").TaskSummary} TaskSummary */
/** @typedef {"count"|"notify"} Choice */

/** Whether it waits for a person: it has ended, or nobody but a person can go on with it. @param {TaskSummary} task */
const isBack = (task) => !isOpen(task) || (task.status === "unconfirmed" && task.adopting === null);

/** The tasks that were waited for and are waited for no more. @param {TaskSummary[]} before @param {TaskSummary[]} after */
export function returned(before, after) {
  const awaited = new Set(before.filter((task) => !isBack(task)).map(({ id }) => id));
  return after.filter((task) => awaited.has(task.id) && isBack(task));
}

/**
 * @param {object} parts
 * @param {() => boolean} parts.isAway
 * @param {import("./preferences.js").Preferences} parts.preferences
 * @param {(task: TaskSummary) => void} parts.notify
 */
export function createAway({ isAway, preferences, notify }) {
  let missed = 0;
  const has = (/** @type {Choice} */ choice) => preferences.read(choice) === "yes";
  return {
    has,
    /** @param {Choice} choice @param {boolean} wanted */
    choose: (choice, wanted) => preferences.choose(choice, wanted ? "yes" : "no"),
    /** @param {TaskSummary[]} before @param {TaskSummary[]} after */
    hear(before, after) {
      if (!isAway()) return;
      const news = returned(before, after);
      missed += news.length;
      if (has("notify")) news.forEach(notify);
    },
    /** A person looks again. */
    back: () => (missed = 0),
    /** "(2) ", or nothing. */
    badge: () => (missed > 0 && has("count") ? `(${missed}) ` : ""),
  };
}

/** @typedef {ReturnType<typeof createAway>} Away */
