/** The bar that stays at the top of a task: its title, and what one does with an answer. */

import { el } from "../../scripts/dom.js";
import { copyButton } from "../copy-button/copy-button.js";

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
