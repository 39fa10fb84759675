/** The sources of an answer, numbered as its notes number them. */

/** @typedef {import("../types.js").Citation} Citation */
/** @typedef {{id: string, name: string, href: string|null, host: string|null}} Source */

/** Each address once, in the order of its first citation. @param {Citation[]} citations @returns {Source[]} */
export function sourcesOf(citations) {
  const distinct = citations.filter(({ url }, index) => citations.findIndex((other) => other.url === url) === index);
  return distinct.map(({ url, title }, index) => ({ id: `source-${index + 1}`, name: title || url, ...address(url) }));
}

/** Only web addresses become links. @param {string} url */
function address(url) {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const isWeb = parsed !== null && /^https?:$/.test(parsed.protocol);
  return { href: isWeb ? url : null, host: isWeb ? parsed.hostname : null };
}
