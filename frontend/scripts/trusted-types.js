/** The page's only Trusted Types policy: which text becomes markup, and which address the script of a service worker. */

const SERVICE_WORKER = "service-worker.js";

/** @type {{createHTML: (html: string) => any, createScriptURL: (address: string) => any}} */
export const rules = { createHTML: (html) => html, createScriptURL: onlyOurWorker };

/** The name is the one that the Content-Security-Policy allows. @type {typeof rules} */
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("backburner-answer", rules) ?? rules;

/** @param {string} address */
function onlyOurWorker(address) {
  if (address !== SERVICE_WORKER) throw new TypeError(`${address} is not the service worker of this page.`);
  return address;
}

/** @param {string} html from the API, which has sanitised it, never from elsewhere */
export const trustedHtml = (html) => policy.createHTML(html);

export const serviceWorkerAddress = () => policy.createScriptURL(SERVICE_WORKER);
