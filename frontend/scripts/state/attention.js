/** What came while nobody looked: counted in the tab's title and told by notification, each only where it was chosen. */

import { isOpen } from "./tasks.js";

/** @typedef {import("../types.js").TaskSummary} TaskSummary */
/** @typedef {"count"|"notify"} Choice */

/** Whether it waits for a person: it has ended, or nobody but a person can go on with it. @param {TaskSummary} task */
const needsPerson = (task) => !isOpen(task) || (task.status === "unconfirmed" && task.adopting === null);

/** The tasks that were waited for and are waited for no more. @param {TaskSummary[]} before @param {TaskSummary[]} after */
export function newlyFinished(before, after) {
  const awaited = new Set(before.filter((task) => !needsPerson(task)).map(({ id }) => id));
  return after.filter((task) => awaited.has(task.id) && needsPerson(task));
}

/**
 * @param {object} parts
 * @param {() => boolean} parts.isAway
 * @param {import("./browser-storage.js").Preferences} parts.preferences
 * @param {(task: TaskSummary) => void} parts.notify
 */
export function createAttention({ isAway, preferences, notify }) {
  let missed = 0;
  const has = (/** @type {Choice} */ choice) => preferences.read(choice) === "yes";
  return {
    has,
    /** @param {Choice} choice @param {boolean} wanted */
    choose: (choice, wanted) => preferences.choose(choice, wanted ? "yes" : "no"),
    /** @param {TaskSummary[]} before @param {TaskSummary[]} after */
    onTasks(before, after) {
      if (!isAway()) return;
      const news = newlyFinished(before, after);
      missed += news.length;
      if (has("notify")) news.forEach(notify);
    },
    /** A person looks again. */
    reset: () => (missed = 0),
    /** "(2) ", or nothing. */
    badge: () => (missed > 0 && has("count") ? `(${missed}) ` : ""),
  };
}

/** @typedef {ReturnType<typeof createAttention>} Attention */

/* The browser's own notifications: whether they may be shown, and showing one. */

/** Whether this browser has them at this address: they need https, or the machine's own address. */
export const canNotify = () => "Notification" in globalThis && isSecureContext;

/** Ask once, where that was not asked yet. @returns {Promise<boolean>} whether they may be shown */
export const requestPermission = async () => canNotify() && (await Notification.requestPermission()) === "granted";

/** @param {string} text @param {string} tag one of a kind is shown at a time @param {() => void} onClick */
export function showNotification(text, tag, onClick) {
  if (!canNotify() || Notification.permission !== "granted") return;
  try {
    const shown = new Notification(text, { tag });
    shown.onclick = () => (shown.close(), onClick());
  } catch {
    // some phones show none for a page that is not installed
  }
}
