/** Runs before the modules: sets the theme before the first paint and preloads the view of the address. */

(() => {
  /** For the browser's own bars. @type {Record<string, string>} */
  const COLOURS = { light: "#f5f6f4", dark: "#131817" };

  /** @param {string|null} theme */
  function apply(theme) {
    const chosen = theme === "light" || theme === "dark" ? theme : "";
    document.documentElement.dataset.theme = chosen;
    for (const meta of /** @type {NodeListOf<HTMLMetaElement>} */ (document.querySelectorAll("meta[name='theme-color']")))
      meta.content = COLOURS[chosen || (meta.media.includes("dark") ? "dark" : "light")];
  }

  /** @returns {string|null} */
  function savedTheme() {
    try {
      return localStorage.getItem("backburner.preference.theme");
    } catch {
      return null; // storage is disabled: follow the system
    }
  }

  /** The view that the address names, unless main.js imports it. A wrong guess costs one download. */
  function lazyView() {
    if (location.hash.startsWith("#/tasks/")) return "task";
    if (location.hash.startsWith("#/tasks")) return "list";
    return ["system", "notify"].find((name) => location.hash.startsWith(`#/${name}`)) ?? null;
  }

  /** Loads while main.js does, not after it. @param {string} view */
  function preload(view) {
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = `views/${view}.js`;
    document.head.append(link);
  }

  apply(savedTheme());
  const view = lazyView();
  if (view) preload(view);
  addEventListener("theme", (event) => apply(/** @type {CustomEvent<string>} */ (event).detail));
  addEventListener("storage", () => apply(savedTheme()));
})();
