/** One message being written: its label, its field, and what the API found wrong with it. */

import { el, setText } from "../../scripts/dom.js";

/**
 * @param {{id: string, label?: string, hint?: string, text: string, rows?: number}} parts
 * @param {...Node} tools what else can be done with it
 */
export function turn({ id, label = "", hint = "", text, rows }, ...tools) {
  const problem = el("p", { class: "turn-problem", id: `${id}-problem` });
  const field = el("textarea", { id, "aria-describedby": problem.id, dir: "auto" });
  field.value = text;
  const name = el("span", {});
  const note = el("span", { class: "turn-hint" });
  const element = el("div", { class: "turn" }, el("label", { for: id }, name, " ", note), ...tools, field, problem);

  /** @param {{label: string, hint?: string, rows?: number}} as */
  function describe(as) {
    setText(name, as.label);
    setText(note, as.hint ?? "");
    field.rows = as.rows ?? 2;
  }

  describe({ label, hint, rows });
  return {
    element,
    field,
    describe,
    /** @param {string} message empty when nothing is wrong */
    complain(message) {
      setText(problem, message);
      if (message) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    },
  };
}
