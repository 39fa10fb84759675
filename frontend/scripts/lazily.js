/** Brings a part of the page when it is first wanted: its module and its stylesheets, so that it never shows undressed. */

/**
 * @template Module
 * @param {() => Promise<Module>} load
 * @param {...string} styles addresses of stylesheets
 */
export function lazily(load, ...styles) {
  /** @type {Module|null} */
  let here = null;
  return {
    /** The part, if it has come. */
    get here() {
      return here;
    },
    /** The part, once it is complete. Rejects where anything of it does not come. */
    async bring() {
      const [module] = await Promise.all([load(), ...styles.map(stylesheet)]);
      return (here = module);
    },
  };
}

/** @template Module @typedef {{readonly here: Module|null, bring: () => Promise<Module>}} Lazy */

/** @type {Map<string, Promise<void>>} */
const sheets = new Map();

/** @param {string} href */
function stylesheet(href) {
  const sheet = sheets.get(href) ?? bringSheet(href);
  sheets.set(href, sheet);
  return sheet;
}

/** What is said for paper has the last word, so that everything comes before it. @param {string} href @returns {Promise<void>} */
function bringSheet(href) {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = href;
  const arrival = new Promise((resolve, reject) => {
    link.addEventListener("load", () => resolve(undefined));
    link.addEventListener("error", () => {
      sheets.delete(href);
      link.remove();
      reject(new Error(`${href} did not come`));
    });
  });
  document.head.insertBefore(link, document.querySelector("link[media='print']"));
  return arrival;
}
