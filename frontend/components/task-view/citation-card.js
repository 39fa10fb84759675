/** A card with title and host of a source, beside its citation while that is pointed at or focused. */

import { el } from "../../scripts/dom.js";

const DELAY_MS = 120;
const WIDTH = 320; // px, as in the stylesheet
let count = 0;

/** @param {HTMLElement} text the answer @param {import("../../scripts/text/sources.js").Source[]} sources */
export function citationCard(text, sources) {
  const card = el("div", { class: "citation-card", role: "tooltip", id: `citation-card-${++count}`, hidden: true, pointerleave: hide });
  /** @type {HTMLElement|null} */
  let shown = null;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;

  text.addEventListener("pointerover", (event) => event.pointerType === "mouse" && later(event));
  text.addEventListener("pointerout", (event) => event.relatedTarget !== card && hide());
  text.addEventListener("focusin", open);
  text.addEventListener("focusout", hide);
  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && shown) event.stopPropagation(), hide();
  });
  const present = text.querySelector("a.citation:is(:hover, :focus)"); // since before this was loaded
  if (present) later({ target: present });
  return card;

  /** @param {{target: EventTarget|null}} event */
  function later(event) {
    clearTimeout(timer);
    timer = setTimeout(() => open(event), DELAY_MS);
  }

  /** @param {{target: EventTarget|null}} event */
  function open(event) {
    const link = /** @type {HTMLAnchorElement|null} */ (/** @type {Element} */ (event.target).closest("a.citation"));
    const source = link && sources[Number(link.hash.replace("#source-", "")) - 1];
    if (!link || !source) return;
    card.replaceChildren(el("strong", { dir: "auto" }, source.name), el("span", {}, source.host));
    card.hidden = false;
    link.setAttribute("aria-describedby", card.id);
    shown = link;
    place(link);
  }

  /** Above the citation, within the column. @param {HTMLElement} link */
  function place(link) {
    const column = /** @type {HTMLElement} */ (card.parentElement).getBoundingClientRect();
    const at = link.getBoundingClientRect();
    const left = Math.min(Math.max(at.left - column.left - 24, 0), Math.max(column.width - WIDTH, 0));
    card.style.left = `${left}px`;
    card.style.top = `${at.top - column.top - card.offsetHeight - 4}px`;
  }

  function hide() {
    clearTimeout(timer);
    shown?.removeAttribute("aria-describedby");
    shown = null;
    card.hidden = true;
  }
}
