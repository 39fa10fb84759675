/** Does what cannot wait for the modules: sets the theme before anything is painted, and sends for the first view. */
(() => {
  /** The paper's colour, for the browser's own bars. @type {Record<string, string>} */
  const papers = { light: "#f5f6f4", dark: "#131817" };

  /** @param {string|null} theme */
  function apply(theme) {
    const chosen = theme === "light" || theme === "dark" ? theme : "";
    document.documentElement.dataset.theme = chosen;
    for (const meta of /** @type {NodeListOf<HTMLMetaElement>} */ (document.querySelectorAll("meta[name='theme-color']")))
      meta.content = papers[chosen || (meta.media.includes("dark") ? "dark" : "light")];
  }

  /** @returns {string|null} */
  function kept() {
    try {
      return localStorage.getItem("backburner.preference.theme");
    } catch {
      return null; // switched off: as the system has it
    }
  }

  /** The view that the address most likely names, unless it comes with the page; a wrong guess costs a download and nothing more. */
  function firstView() {
    if (location.hash.startsWith("#/tasks/")) return "task";
    if (location.hash.startsWith("#/tasks")) return "list";
    return location.hash.startsWith("#/system") ? "system" : null;
  }

  /** Sent for beside the page itself, not after it. @param {string} view */
  function sendFor(view) {
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = `views/${view}.js`;
    document.head.append(link);
  }

  apply(kept());
  const view = firstView();
  if (view) sendFor(view);
  addEventListener("theme", (event) => apply(/** @type {CustomEvent<string>} */ (event).detail));
  addEventListener("storage", () => apply(kept()));
})();
