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

/* Who the page calls as, where tokens are on: kept for this tab or, by choice, for this browser; told to nobody but the API. */

const NAME = "backburner.token";

/** What a header can carry. */
const TOKEN = /^[\x21-\x7e]+$/;

/** The token that somebody pasted, or null where it can be none. @param {string} text */
export function tokenIn(text) {
  const token = text.trim();
  return TOKEN.test(token) ? token : null;
}

/** @param {{tab: Storage, browser: Storage}} storages */
export function createSession({ tab, browser }) {
  /** Where nothing can be kept, it holds as long as the page. @type {string|null} */
  let held = null;

  function forget() {
    held = null;
    for (const storage of [tab, browser]) attempt(() => storage.removeItem(NAME));
  }

  return {
    /** Read anew each time: another tab may have signed in or out. */
    get token() {
      return attempt(() => tab.getItem(NAME) ?? browser.getItem(NAME)) ?? held;
    },
    /** @param {string} token @param {boolean} remember also when the tab is closed */
    signIn(token, remember) {
      forget();
      if (!attempt(() => ((remember ? browser : tab).setItem(NAME, token), true))) held = token;
    },
    forget,
    /** Whether it is about the token that a storage has changed. @param {StorageEvent} event */
    concerns: ({ key }) => key === NAME || key === null,
  };
}

/** @typedef {ReturnType<typeof createSession>} Session */

/** @template Result @param {() => Result} doing @returns {Result|null} null where storage is full or switched off */
function attempt(doing) {
  try {
    return doing();
  } catch {
    return null;
  }
}
