/** Builds elements. String children are inserted as text, never as markup. */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string|boolean|null|undefined|EventListener>} [attributes] a function becomes an event listener, `true` an empty attribute
 * @param {(Node|string|null|undefined|false)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...present(children));
  return element;
}

/** @param {(Node|string|null|undefined|false)[]} children */
export const present = (children) => /** @type {(Node|string)[]} */ (children.filter((child) => child || child === ""));

/** Writes only a changed text, to keep selections and not disturb screen readers. @param {Node} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Have screen readers announce a text; main.js listens. @param {Element} element @param {string} text */
export const announce = (element, text) => element.dispatchEvent(new CustomEvent("announce", { bubbles: true, detail: text }));
