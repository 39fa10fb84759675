/** The only place where markup enters the page: the fragment that the API has sanitised. */

/** @type {{createHTML: (html: string) => any}} */
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("backburner-answer", {
  createHTML: (/** @type {string} */ html) => html,
}) ?? { createHTML: (html) => html };

/** @param {Element} element @param {string} html from /v1/tasks/{id}/answer and from nowhere else */
export function insertAnswer(element, html) {
  element.innerHTML = policy.createHTML(html);
  for (const table of element.querySelectorAll("table")) scrollable(table);
  for (const code of element.querySelectorAll("pre")) code.tabIndex = 0;
}

/** A wide table scrolls in a box of its own, by keyboard too. @param {HTMLTableElement} table */
function scrollable(table) {
  const box = document.createElement("div");
  box.className = "table-box";
  box.tabIndex = 0;
  box.setAttribute("role", "region");
  box.setAttribute("aria-label", "Table");
  table.replaceWith(box);
  box.append(table);
}
