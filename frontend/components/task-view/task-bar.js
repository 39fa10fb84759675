/** The bar that stays at the top of a task, with the outline of what is read: a rail beside a wide column, a sheet below the bar. */

import { el } from "../../scripts/dom.js";
import { copyButton } from "../buttons/buttons.js";
import { show } from "./jumps.js";

/**
 * @param {object} parts
 * @param {HTMLElement} parts.heading
 * @param {Element} parts.outline the popover with the contents
 * @param {(Node|false|null)[]} parts.menu what "⋯" offers
 * @param {() => string} parts.text of the answer
 * @param {() => void} parts.onFollowUp
 */
export function taskBar({ heading, outline, menu, text, onFollowUp }) {
  const more = el("div", { class: "more", id: "more", popover: "auto", "aria-label": "More", role: "group", toggle: place }, ...menu.filter((part) => part !== null && part !== false));
  const contents = el("button", { type: "button", class: "bar-contents", popovertarget: outline.id, "aria-label": "Contents", hidden: true }, el("span", {}, "Contents"));
  const copy = copyButton({ name: "Copy", about: "the answer", text });
  const open = el("button", { type: "button", class: "bar-more", popovertarget: more.id, "aria-label": "More" }, "⋯");
  const follow = el("button", { type: "button", class: "primary", click: onFollowUp }, "Follow up");
  const element = el("div", { class: "task-bar" }, heading, contents, copy, open, follow, more);
  outline.addEventListener("toggle", place);
  return {
    element,
    /** @param {{hasAnswer: boolean, canFollowUp: boolean}} task */
    update({ hasAnswer, canFollowUp }) {
      copy.hidden = !hasAnswer;
      follow.hidden = !canFollowUp;
    },
    /** @param {boolean} offered */
    offerContents: (offered) => (contents.hidden = !offered),
    closeMenu: () => more.hidePopover(),
  };

  /** Both open below the bar, wherever that stands. @param {Event} event */
  function place(event) {
    /** @type {HTMLElement} */ (event.target).style.setProperty("--bar-end", `${element.getBoundingClientRect().bottom}px`);
  }
}

const MAX_ENTRIES = 40; // of both levels; a longer outline has the first only
const LINE = 150; // px below the top of the window, where reading is

/** @typedef {import("./answer-parts.js").Heading} Heading */

/** The outline, which marks the current section. @param {{onChange: (count: number) => void}} parts told how many entries there are */
export function outline({ onChange }) {
  const element = el("nav", { class: "outline", id: "outline", popover: "auto", "aria-label": "Contents", hidden: true });
  /** @type {{link: HTMLElement, target: HTMLElement}[]} */
  let entries = [];
  let waiting = false;
  const onScroll = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(mark);
  };
  addEventListener("scroll", onScroll, { passive: true });

  return {
    element,
    /** @param {Heading[]} headings in the order of the page */
    update(headings) {
      const top = Math.min(...headings.map(({ level }) => level));
      const two = headings.filter(({ level }) => level <= top + 1);
      const wanted = two.length > MAX_ENTRIES ? two.filter(({ level }) => level === top) : two;
      entries = wanted.map((heading) => ({ link: entry(heading, heading.level > top), target: heading.element }));
      element.replaceChildren(...entries.map(({ link }) => link));
      element.hidden = entries.length < 2;
      onChange(entries.length);
      mark();
    },
  };

  /** @param {Heading} heading @param {boolean} deep */
  function entry({ element: target, text }, deep) {
    return el("button", { type: "button", class: deep ? "deep" : null, dir: "auto", click: () => go(target) }, text);
  }

  /** @param {HTMLElement} target */
  function go(target) {
    if (element.matches(":popover-open")) element.hidePopover();
    show(target, "start");
  }

  function mark() {
    waiting = false;
    if (!element.isConnected && entries.length > 0) return removeEventListener("scroll", onScroll);
    let current = 0;
    for (let low = 0, high = entries.length - 1; low <= high; ) {
      const middle = (low + high) >> 1;
      if (entries[middle].target.getBoundingClientRect().top <= LINE) [current, low] = [middle, middle + 1];
      else high = middle - 1;
    }
    entries.forEach(({ link }, index) => {
      if (index === current) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    });
  }
}
