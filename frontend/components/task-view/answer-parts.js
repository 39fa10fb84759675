/** Adds to an answer what its HTML lacks: named headings, boxes around code and tables, targets of footnotes. */

import { el, setText } from "../../scripts/dom.js";
import { sectionAddress } from "../../scripts/router.js";
import { createSlugs, languageName } from "../../scripts/text/answer-names.js";
import { copyButton } from "../buttons/buttons.js";

/** Widths of a formula in its letters, by which the print styles shrink one that paper has no room for. */
const FORMULA_EMS = [40, 50, 65, 85, 110, 150, 200, 300];

const LONG_CELL = 24; // characters, from which on a cell keeps a width to be read in

/** @typedef {{element: HTMLElement, level: number, text: string}} Heading */

/**
 * @param {string} id of the task
 * @param {string} prefix of the ids in this answer; the page may have several
 * @returns {{prepare: (piece: DocumentFragment) => void, headings: Heading[]}}
 */
export function answerParts(id, prefix) {
  const slug = createSlugs();
  /** @type {Heading[]} */
  const headings = [];
  const boxes = new ResizeObserver((entries) => entries.forEach(({ target }) => markScrolling(/** @type {HTMLElement} */ (target))));
  const formulas = new ResizeObserver((entries) => entries.forEach(({ target }) => markWide(/** @type {MathMLElement} */ (target))));
  return { prepare, headings };

  /** @param {DocumentFragment} piece */
  function prepare(piece) {
    for (const table of piece.querySelectorAll("table")) boxes.observe(tableBox(table));
    for (const code of piece.querySelectorAll("pre")) boxes.observe(codeBox(code));
    for (const formula of piece.querySelectorAll("math[display='block']")) formulas.observe(formula);
    for (const [index, note] of piece.querySelectorAll("ol.footnotes > li").entries()) target(note, `${prefix}footnote-${index + 1}`);
    for (const heading of piece.querySelectorAll("h3, h4, h5, h6")) headings.push(named(/** @type {HTMLElement} */ (heading)));
    if (piece.querySelector("math")) import("./math-font.js").then(({ loadMathFont }) => loadMathFont(), () => {});
  }

  /** @param {HTMLElement} heading @returns {Heading} */
  function named(heading) {
    const text = (heading.textContent ?? "").trim();
    const name = slug(text);
    target(heading, `${prefix}section-${name}`);
    heading.append(" ", el("a", { class: "section-link", href: sectionAddress(id, name), "data-section": name, tabindex: "-1", "aria-label": `Link to “${text}”` }, "#"));
    return { element: heading, level: Number(heading.tagName[1]), text };
  }
}

/** @param {Element} element @param {string} id */
function target(element, id) {
  element.id = id;
  element.setAttribute("tabindex", "-1");
}

/** Whatever is wider than its box can be scrolled by keyboard, and says so. @param {HTMLElement} box */
function markScrolling(box) {
  const table = box.querySelector(":scope > table");
  const column = box.parentElement?.clientWidth ?? 0;
  if (table) box.classList.toggle("wide", table.getBoundingClientRect().width > column + 1);
  const scrolls = box.scrollWidth > box.clientWidth + 1;
  box.classList.toggle("scrolls", scrolls);
  box.closest(".code-box")?.classList.toggle("scrolls", scrolls);
  if (!scrolls) return ["tabindex", "role", "aria-label"].forEach((name) => box.removeAttribute(name));
  box.tabIndex = 0;
  box.setAttribute("role", "group"); // not a landmark: an answer has many
  box.setAttribute("aria-label", `${box.dataset.name}, scrolls sideways`);
}

/** A formula has no lines to break. @param {MathMLElement} formula */
function markWide(formula) {
  const scrolls = formula.scrollWidth > formula.clientWidth + 1;
  const ems = formula.scrollWidth / parseFloat(getComputedStyle(formula).fontSize);
  if (scrolls) formula.setAttribute("tabindex", "0");
  else formula.removeAttribute("tabindex");
  formula.dataset.ems = String(FORMULA_EMS.find((limit) => ems < limit) ?? FORMULA_EMS[FORMULA_EMS.length - 1]);
}

/** @param {HTMLTableElement} table */
function tableBox(table) {
  const box = el("div", { class: "table-box", "data-name": "Table" });
  for (const cell of table.querySelectorAll("th, td")) if ((cell.textContent ?? "").length > LONG_CELL) cell.classList.add("long");
  table.replaceWith(box);
  box.append(table);
  return box;
}

/** @param {HTMLPreElement} code */
function codeBox(code) {
  const name = languageName(code.dataset.language);
  code.dataset.name = name === "Code" ? name : `Code, ${name}`;
  if (!code.classList.contains("code")) return code;
  const wrap = el("button", { type: "button", class: "wrap", "aria-pressed": "false", "aria-label": "Wrap the lines of the code", click: toggle }, "Wrap");
  const copy = copyButton({ name: "Copy", about: "the code", text: () => code.textContent ?? "" });
  const box = el("figure", { class: "code-box" }, el("figcaption", {}, el("span", {}, name), wrap, copy));
  code.replaceWith(box);
  box.append(code);
  return code;

  function toggle() {
    const wrapped = box.classList.toggle("wrapped");
    wrap.setAttribute("aria-pressed", String(wrapped));
    setText(wrap, wrapped ? "Unwrap" : "Wrap");
  }
}
