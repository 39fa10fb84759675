/** Unique section names from headings. */

const LENGTH = 60;

/** Returns a function that gives each heading a name of its own. */
export function createSlugs() {
  /** @type {Set<string>} */
  const used = new Set();
  /** @type {Map<string, number>} */
  const counts = new Map(); // keeps 100,000 equal headings linear
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
