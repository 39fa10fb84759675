/** One message being written: its label, its field, and what the API found wrong with it. */

import { el, setText } from "../../scripts/dom.js";

/**
 * @param {{id: string, label: string, hint?: string, text: string, rows?: number}} parts
 */
export function turn({ id, label, hint, text, rows = 3 }) {
  const problem = el("p", { class: "turn-problem", id: `${id}-problem` });
  const field = el("textarea", { id, rows: String(rows), "aria-describedby": problem.id, dir: "auto" });
  field.value = text;
  const note = hint && el("span", { class: "turn-hint" }, hint);
  const element = el("div", { class: "turn" }, el("label", { for: id }, label, note && " ", note), field, problem);
  return {
    element,
    field,
    /** @param {string} message empty when nothing is wrong */
    complain(message) {
      setText(problem, message);
      if (message) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    },
  };
}
