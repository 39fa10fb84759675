/** An action that takes two clicks: `confirmation({ask, yes, doing, onYes})` first shows what it does. */

import { el, setText } from "../../scripts/dom.js";

/** @param {{ask: string, yes: string, doing: string, onYes: () => void}} parts */
export function confirmation({ ask, yes, doing, onYes }) {
  const terms = el("p", {});
  const button = el("button", { type: "button", click: onYes }, yes);
  const element = el("details", { class: "confirmation" }, el("summary", {}, ask), el("div", { class: "confirmation-terms" }, terms, button));
  return {
    element,
    /** @param {string} text what the action does */
    setTerms: (text) => setText(terms, text),
    /** Not "disabled", which would lose the focus. @param {boolean} busy this action runs @param {boolean} blocked this or another runs */
    setBusy(busy, blocked) {
      setText(button, busy ? doing : yes);
      button.setAttribute("aria-disabled", String(blocked));
    },
  };
}
