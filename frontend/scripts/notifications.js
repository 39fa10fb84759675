/** The browser's own notifications: whether they may be shown, and showing one. */

/** Whether this browser has them at this address: they need https, or the machine's own address. */
export const canNotify = () => "Notification" in globalThis && isSecureContext;

/** Ask once, where that was not asked yet. @returns {Promise<boolean>} whether they may be shown */
export const mayNotify = async () => canNotify() && (await Notification.requestPermission()) === "granted";

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
