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

  const script = (/** @type {string} */ name) => `scripts/${name}.js`;
  const writing = ["components/composer/turn.js", "components/composer/forecast.js", "components/refusal/refusal.js"];
  writing.push(...["conversation", "draft", "problems", "size", "submission", "typing"].map(script));
  const reading = ["answer", "answer-html", "answer-parts", "conversation", "deleted", "follow-up", "receipt", "state-panel", "take-away", "task-view"];
  const beside = ["away", "confirmation", "copy-button", "go-on", "progress", "thread", "ways-out"];

  /** What each view is made of: sent for together, not module after module. @type {Record<"new"|"task"|"list"|"system", string[]>} */
  const parts = {
    new: ["views/new.js", "components/composer/block.js", "components/composer/composer.js", "components/composer/intake.js", ...writing],
    task: [
      ...["views/task.js", "components/mentions/mentions.js", "components/ways-out/attach.js", ...writing],
      ...reading.map((name) => `components/task-view/${name}.js`),
      ...beside.map((name) => `components/${name}/${name}.js`),
      ...["actions", "figures", "notifications", "progress", "slugs", "sources", "thread", "ways-out"].map(script),
    ],
    list: ["views/list.js", ...["day", "finder", "rows"].map((name) => `components/finder/${name}.js`), ...["figures", "finder", "row", "window"].map(script)],
    system: ["views/system.js", "components/system/spending.js", "components/system/system.js", ...["chart", "figures", "system"].map(script)],
  };

  /** The view that the address most likely names; a wrong guess costs a download and nothing more. */
  function firstView() {
    if (location.hash.startsWith("#/tasks/")) return "task";
    if (location.hash.startsWith("#/tasks")) return "list";
    return location.hash.startsWith("#/system") ? "system" : "new";
  }

  /** @param {string} href */
  function sendFor(href) {
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = href;
    document.head.append(link);
  }

  apply(kept());
  import("./views.js").then(({ VIEWS }) => VIEWS[firstView()].bring()).catch(() => {}); // whoever shows it says so
  parts[firstView()].forEach(sendFor);
  addEventListener("theme", (event) => apply(/** @type {CustomEvent<string>} */ (event).detail));
  addEventListener("storage", () => apply(kept()));
})();
