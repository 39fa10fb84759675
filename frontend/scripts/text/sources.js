/** The sources of an answer, numbered like its citations. */

/** @typedef {import("../types.js").Citation} Citation */
/** @typedef {{id: string, name: string, href: string|null, host: string|null}} Source */

/** Parameters that tell who sent a reader, not what the page says; shared/openai/answer.py has the same. */
const TRACKING = /^(?:utm_\w+|fbclid|gclid|msclkid)(?:=|$)/i;

/** Each page once, in the order of the first citation. @param {Citation[]} citations @returns {Source[]} */
export function sourcesOf(citations) {
  const distinct = new Map();
  for (const citation of citations) {
    const page = pageOf(citation.url);
    if (!distinct.has(page)) distinct.set(page, citation);
  }
  return [...distinct.values()].map(({ url, title }, index) => ({ id: `source-${index + 1}`, name: title || url, ...address(url) }));
}

/** The URL without tracking parameters. @param {string} url */
function pageOf(url) {
  const [, path, query = "", fragment = ""] = /** @type {RegExpExecArray} */ (/^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(url));
  const kept = query.split("&").filter((each) => each && !TRACKING.test(each));
  return path + (kept.length > 0 ? `?${kept.join("&")}` : "") + fragment;
}

/** Only http and https URLs become links. @param {string} url */
function address(url) {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const isWeb = parsed !== null && /^https?:$/.test(parsed.protocol);
  return { href: isWeb ? url : null, host: isWeb ? parsed.hostname : null };
}
