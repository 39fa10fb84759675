/** Opens the task of a clicked notice. It answers no request and keeps nothing, so it can never show an old page. */

/** Worker types and page types exclude each other. @type {any} */
const worker = globalThis;

worker.addEventListener("install", () => worker.skipWaiting());
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("notificationclick", (/** @type {any} */ event) => {
  event.notification.close();
  event.waitUntil(openTask(event.notification.data));
});

/** In an open tab of the page, or in a new one. @param {string} address such as #/tasks/ID */
async function openTask(address) {
  const { scope } = worker.registration;
  /** @type {any[]} */
  const tabs = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const pages = tabs.filter(({ url }) => url.split(/[?#]/)[0] === scope);
  const page = pages.find(({ visibilityState }) => visibilityState === "visible") ?? pages[0];
  if (!page) return worker.clients.openWindow(scope + address);
  page.postMessage(address);
  return page.focus().catch(() => {}); // some browsers refuse; the task is open there in any case
}
