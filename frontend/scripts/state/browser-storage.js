/** Preferences and the token, stored in this browser; in memory where storage is disabled. */

const PREFERENCE = "backburner.preference.";

/** @param {Storage} storage */
export function createPreferences(storage) {
  /** @type {Map<string, string>} */
  const chosen = new Map();
  return {
    /** @param {string} name @returns {string|null} null when not set */
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
        // disabled or full: kept until the page is closed
      }
    },
  };
}

/** @typedef {ReturnType<typeof createPreferences>} Preferences */

const NAME = "backburner.token";

/** Characters that a header can carry. */
const TOKEN = /^[\x21-\x7e]+$/;

/** The token in pasted text, or null. @param {string} text */
export function tokenIn(text) {
  const token = text.trim();
  return TOKEN.test(token) ? token : null;
}

/** The token of this page: in the tab, or in the browser on request. @param {{tab: Storage, browser: Storage}} storages */
export function createSession({ tab, browser }) {
  /** Used when storage is disabled. @type {string|null} */
  let held = null;

  function forget() {
    held = null;
    for (const storage of [tab, browser]) attempt(() => storage.removeItem(NAME));
  }

  return {
    /** Read from storage each time: another tab may have signed in or out. */
    get token() {
      return attempt(() => tab.getItem(NAME) ?? browser.getItem(NAME)) ?? held;
    },
    /** @param {string} token @param {boolean} remember after the tab is closed */
    signIn(token, remember) {
      forget();
      if (!attempt(() => ((remember ? browser : tab).setItem(NAME, token), true))) held = token;
    },
    forget,
    /** Whether the event changed the token. @param {StorageEvent} event */
    concerns: ({ key }) => key === NAME || key === null,
  };
}

/** @typedef {ReturnType<typeof createSession>} Session */

/** @template Result @param {() => Result} doing @returns {Result|null} null when storage is full or disabled */
function attempt(doing) {
  try {
    return doing();
  } catch {
    return null;
  }
}
