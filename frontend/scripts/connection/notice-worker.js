/** Shows notices through a service worker: Chrome on Android shows no others, and a click on one works after the tab was closed. */

import { serviceWorkerAddress } from "../trusted-types.js";

/** Until a worker that does not start is given up. */
const START_MS = 5_000;

/** @type {Promise<ServiceWorkerRegistration|null>|null} */
let worker = null;

/** The registration of the started worker; null where the browser has none. */
export const noticeWorker = () => (worker ??= start());

async function start() {
  try {
    await navigator.serviceWorker.register(serviceWorkerAddress());
    const late = new Promise((resolve) => setTimeout(resolve, START_MS, null));
    return await Promise.race([navigator.serviceWorker.ready, late]);
  } catch {
    return (worker = null); // plain http, a private window, or a browser that blocks site data
  }
}
