/** Adds copy buttons, scrolling boxes and linked headings to an answer. */

import { el } from "../../scripts/dom.js";
import { sectionAddress } from "../../scripts/router.js";
import { createSlugs } from "../../scripts/text/slugs.js";
import { copyButton } from "../copy-button/copy-button.js";

/** @param {string} id of the task @returns {(piece: DocumentFragment) => void} */
export function answerParts(id) {
  const slug = createSlugs();
  return (piece) => {
    for (const table of piece.querySelectorAll("table")) scrollable(table);
    for (const [index, note] of piece.querySelectorAll("ol.footnotes > li").entries()) footnote(note, index + 1);
    for (const code of piece.querySelectorAll("pre")) copyable(code);
    for (const heading of piece.querySelectorAll("h2, h3, h4, h5, h6")) linked(/** @type {HTMLElement} */ (heading), slug, id);
  };
}

/** The element of a section of the answer. @param {string} slug */
export const sectionElement = (slug) => document.getElementById(`section-${slug}`);

/** A wide table scrolls in a box of its own, also by keyboard. @param {HTMLTableElement} table */
function scrollable(table) {
  const box = el("div", { class: "table-box", tabindex: "0", role: "region", "aria-label": "Table" });
  table.replaceWith(box);
  box.append(table);
}

/** What a footnote's number leads to. @param {Element} note @param {number} number */
function footnote(note, number) {
  note.id = `footnote-${number}`;
  note.setAttribute("tabindex", "-1");
}

/** @param {HTMLPreElement} code */
function copyable(code) {
  code.tabIndex = 0;
  if (!code.classList.contains("code")) return;
  const box = el("div", { class: "code-box" });
  code.replaceWith(box);
  box.append(code, copyButton({ name: "Copy", about: "the code", text: () => code.textContent ?? "" }));
}

/** @param {HTMLElement} heading @param {(text: string) => string} slug @param {string} id */
function linked(heading, slug, id) {
  const text = heading.textContent ?? "";
  const name = slug(text);
  heading.id = `section-${name}`;
  heading.tabIndex = -1;
  heading.append(" ", el("a", { class: "section-link", href: sectionAddress(id, name), "data-section": name, "aria-label": `Link to “${text.trim()}”` }, "#"));
}
