/** Unread answers on the tab, and notices of tasks that finish while the page is hidden, if the user wants them. */

import { needsPerson } from "./tasks.js";

/** @typedef {import("../types.js").TaskSummary} TaskSummary */

const NOTIFY = "notify";

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
  return {
    wantsNotices: () => preferences.read(NOTIFY) === "yes",
    /** @param {boolean} wanted */
    chooseNotices: (wanted) => preferences.choose(NOTIFY, wanted ? "yes" : "no"),
    /** @param {TaskSummary[]} before @param {TaskSummary[]} after */
    onTasks(before, after) {
      if (isAway() && preferences.read(NOTIFY) === "yes") newlyFinished(before, after).forEach(notify);
    },
  };
}

/** @typedef {ReturnType<typeof createAttention>} Attention */

/** Marks the tab: "(2) " before its title and a dot on its icon. */
export function createTabMark() {
  const link = /** @type {HTMLLinkElement} */ (document.querySelector("link[rel='icon']"));
  const plain = link.href;
  const dotted = plain.replace("%3C/svg%3E", "%3Ccircle cx='25' cy='7' r='7' fill='%23e5484d' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E");
  return (/** @type {number} */ unread) => {
    const wanted = unread > 0 ? dotted : plain;
    if (link.href !== wanted) link.href = wanted;
    return unread > 0 ? `(${unread}) ` : "";
  };
}

/** Whether the browser has notifications here: they need https or loopback. */
export const canNotify = () => "Notification" in globalThis && isSecureContext;

/** Ask for permission. @returns {Promise<boolean>} whether it is granted */
export const requestPermission = async () => canNotify() && (await Notification.requestPermission()) === "granted";

/** Starts the service worker, so that the first notice is not late. */
export const prepareNotices = () => import("../connection/notice-worker.js").then(({ noticeWorker }) => noticeWorker()).catch(() => null);

/**
 * By the service worker, which also serves a click when this tab is closed; else by the page.
 * @param {string} text @param {string} tag replaces a notification with the same tag
 * @param {string} address of the task @param {() => void} onClick
 */
export async function showNotification(text, tag, address, onClick) {
  if (!canNotify() || Notification.permission !== "granted") return;
  const worker = await prepareNotices();
  if (worker && (await worker.showNotification(text, { tag, data: address }).then(() => true, () => false))) return;
  const shown = new Notification(text, { tag });
  shown.onclick = () => (shown.close(), onClick());
}
