/** Something that takes two clicks: `confirmation({ask, yes, doing, onYes})` opens to say what follows, then does it. */

import { el, setText } from "../../scripts/dom.js";

/** @param {{ask: string, yes: string, doing: string, onYes: () => void}} parts */
export function confirmation({ ask, yes, doing, onYes }) {
  const terms = el("p", {});
  const button = el("button", { type: "button", click: onYes }, yes);
  const element = el("details", { class: "confirmation" }, el("summary", {}, ask), el("div", { class: "confirmation-terms" }, terms, button));
  return {
    element,
    /** @param {string} text what follows from a yes */
    setTerms: (text) => setText(terms, text),
    /** A disabled button would lose the focus, so a busy one only says so. @param {boolean} busy this is being done @param {boolean} blocked this or something else is */
    setBusy(busy, blocked) {
      setText(button, busy ? doing : yes);
      button.setAttribute("aria-disabled", String(blocked));
    },
  };
}
