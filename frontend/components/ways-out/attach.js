/** Where a person names the response that was found: checked by the server before anything is attached. */

import { el, setText } from "../../scripts/dom.js";
import { responseIdIn } from "../../scripts/ways-out.js";
import { mentions } from "../mentions/mentions.js";

const CHECK = "Check and attach";
const CHECKING = "Checking…";
const NO_ID = "That names no response: its id begins with resp_.";

/** @param {{onAdopt: (responseId: string) => void}} actions */
export function attach({ onAdopt }) {
  const problem = el("p", { class: "turn-problem", id: "response-problem", role: "alert" });
  const field = el("input", { id: "response-id", type: "text", autocomplete: "off", spellcheck: "false", "aria-describedby": problem.id });
  const label = el("label", { for: field.id }, "Response id ", el("span", { class: "turn-hint" }, "begins with resp_"));
  const button = el("button", { type: "submit" }, CHECK);
  const form = el("form", { class: "attach", novalidate: true, submit: onSubmit }, label, field, button, problem);
  let shown = "";
  let checking = false;

  /** @param {Event} event */
  function onSubmit(event) {
    event.preventDefault();
    const responseId = responseIdIn(field.value);
    complain(responseId ? "" : NO_ID);
    if (responseId) onAdopt(responseId);
    else field.focus();
  }

  /** @param {string} message */
  function complain(message) {
    problem.replaceChildren(...mentions(message));
    if (message) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  return {
    element: form,
    /** @param {import("../../scripts/types.js").TaskSummary} task */
    update({ adopting, adoption_refused }) {
      const refused = adoption_refused ?? "";
      if (shown === (shown = JSON.stringify([adopting, refused]))) return;
      checking = Boolean(adopting);
      if (adopting && !field.value) field.value = adopting;
      setText(button, checking ? CHECKING : CHECK);
      complain(refused);
    },
    /** @param {boolean} busy @param {boolean} blocked */
    work(busy, blocked) {
      setText(button, busy || checking ? CHECKING : CHECK);
      button.setAttribute("aria-disabled", String(blocked));
    },
  };
}
