/** Tasks that finish while the page is hidden: counted in the tab's title or notified, as the user chose. */

import { isOpen } from "./tasks.js";

/** @typedef {import("../types.js").TaskSummary} TaskSummary */
/** @typedef {"count"|"notify"} Choice */

/** Whether the task has ended or needs a decision. @param {TaskSummary} task */
const needsPerson = (task) => !isOpen(task) || (task.status === "unconfirmed" && task.adopting === null);

/** Tasks that were running before and need a person now. @param {TaskSummary[]} before @param {TaskSummary[]} after */
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
    /** The page is visible again. */
    reset: () => (missed = 0),
    /** "(2) " or "". */
    badge: () => (missed > 0 && has("count") ? `(${missed}) ` : ""),
  };
}

/** @typedef {ReturnType<typeof createAttention>} Attention */

/** Whether the browser has notifications here: they need https or loopback. */
export const canNotify = () => "Notification" in globalThis && isSecureContext;

/** Ask for permission. @returns {Promise<boolean>} whether it is granted */
export const requestPermission = async () => canNotify() && (await Notification.requestPermission()) === "granted";

/** @param {string} text @param {string} tag replaces a notification with the same tag @param {() => void} onClick */
export function showNotification(text, tag, onClick) {
  if (!canNotify() || Notification.permission !== "granted") return;
  try {
    const shown = new Notification(text, { tag });
    shown.onclick = () => (shown.close(), onClick());
  } catch {
    // Chrome on Android throws: it shows notifications only from a service worker
  }
}
