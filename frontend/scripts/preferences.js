/** What a person has chosen for this page in this browser; where nothing can be kept, it holds as long as the page. */

const PREFERENCE = "backburner.preference.";

/** @param {Storage} storage */
export function createPreferences(storage) {
  /** @type {Map<string, string>} */
  const chosen = new Map();
  return {
    /** @param {string} name @returns {string|null} null where nothing was chosen */
    read(name) {
      try {
        return chosen.get(name) ?? storage.getItem(PREFERENCE + name);
      } catch {
        return null;
      }
    },
    /** @param {string} name @param {string} value */
    choose(name, value) {
      chosen.set(name, value);
      try {
        storage.setItem(PREFERENCE + name, value);
      } catch {
        // switched off or full: it is remembered until the page is closed
      }
    },
  };
}

/** @typedef {ReturnType<typeof createPreferences>} Preferences */
