/** The sources of an answer, numbered like its citations. */

/** @typedef {import("../types.js").Citation} Citation */
/** @typedef {{id: string, name: string, href: string|null, host: string|null}} Source */

/** Each URL once, in the order of the first citation. @param {Citation[]} citations @returns {Source[]} */
export function sourcesOf(citations) {
  const distinct = new Map();
  for (const citation of citations) if (!distinct.has(citation.url)) distinct.set(citation.url, citation);
  return [...distinct.values()].map(({ url, title }, index) => ({ id: `source-${index + 1}`, name: title || url, ...address(url) }));
}

/** Only http and https URLs become links. @param {string} url */
function address(url) {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const isWeb = parsed !== null && /^https?:$/.test(parsed.protocol);
  return { href: isWeb ? url : null, host: isWeb ? parsed.hostname : null };
}
