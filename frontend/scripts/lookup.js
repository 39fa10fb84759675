/** Looks words up in tables of words. */

/**
 * A word's own entry in a table, whatever the word: it may come from a newer server or the provider.
 * @template Entry @param {Record<string, Entry>} table @param {string} word @returns {Entry|undefined}
 */
export const entry = (table, word) => (Object.hasOwn(table, word) ? table[word] : undefined);
