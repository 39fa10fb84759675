/** Names for sections, made of their headings. */

const LENGTH = 60;

/** A function that makes of each heading's text a name that it has not made before. */
export function createSlugs() {
  /** @type {Set<string>} */
  const used = new Set();
  /** @type {Map<string, number>} */
  const counts = new Map(); // an answer of nothing but equal headings must not take long
  return (/** @type {string} */ text) => {
    const words = text.normalize("NFC").toLowerCase().replace(/[^\p{L}\p{M}\p{N}]+/gu, "-").slice(0, LENGTH);
    const name = words.replace(/^-|-$/g, "") || "section";
    let count = counts.get(name) ?? 0;
    let unique;
    do unique = ++count === 1 ? name : `${name}-${count}`;
    while (used.has(unique));
    counts.set(name, count);
    used.add(unique);
    return unique;
  };
}
