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

  /** The modules of each view that main.js does not import; tests/frontend/preload.test.js compares the lists with the imports. @type {Record<string, string>} */
  const VIEWS = {
    new: "components/composer/composer components/composer/files components/composer/message-field components/composer/submission-status scripts/format/cost scripts/format/error-text scripts/state/submission scripts/text/conversation views/new",
    task: "components/buttons/buttons components/notify-options/notify-options components/task-actions/task-actions components/task-view/answer-html components/task-view/answer-parts components/task-view/answer components/task-view/jumps components/task-view/prompt components/task-view/state-panel components/task-view/task-bar components/task-view/task-facts components/task-view/task-view components/thread/thread scripts/format/action-text scripts/format/cost scripts/format/error-text scripts/state/actions scripts/text/answer-names scripts/text/sources scripts/trusted-types views/task",
    list: "components/buttons/buttons components/task-search/date-field components/task-search/selection-bar components/task-search/task-search components/task-search/virtual-list components/task-search/virtual-window scripts/format/action-text scripts/format/cost scripts/format/error-text scripts/format/row scripts/format/search-text scripts/state/task-search views/list",
    system: "components/system/chart components/system/spending components/system/system scripts/format/cost scripts/format/system-status views/system",
    notify: "components/buttons/buttons components/notify-options/notify-options components/notify/notify-text components/notify/notify components/notify/webhook-form components/notify/webhook-item components/notify/webhooks scripts/connection/webhooks-api views/notify",
  };

  /** The view that the address names. A wrong guess costs one download. */
  function viewHere() {
    if (location.hash.startsWith("#/tasks/")) return "task";
    if (location.hash.startsWith("#/tasks")) return "list";
    return ["system", "notify"].find((name) => location.hash.startsWith(`#/${name}`)) ?? "new";
  }

  /** Loads while main.js does, not after it. @param {string} module */
  function preload(module) {
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = `${module}.js`;
    document.head.append(link);
  }

  apply(savedTheme());
  VIEWS[viewHere()].split(" ").forEach(preload);
  addEventListener("theme", (event) => apply(/** @type {CustomEvent<string>} */ (event).detail));
  addEventListener("storage", () => apply(savedTheme()));
})();
