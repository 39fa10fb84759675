/** The form that adds a webhook: an address, the events and the format. */

import { el, setText } from "../../scripts/dom.js";
import { EVENTS, explainWebhook, OPENAI_EVENTS } from "./notify-text.js";

const FORMATS = { backburner: "Backburner's (Standard Webhooks)", openai: "OpenAI's (for its SDKs)" };

/** @typedef {import("../../scripts/connection/webhooks-api.js").Endpoint} Endpoint */

/** @param {{create: (wanted: {url: string, events: string[], format: string}) => Promise<Endpoint>, onCreated: (endpoint: Endpoint) => void}} parts */
export function webhookForm({ create, onCreated }) {
  const problem = el("p", { class: "field-error", id: "webhook-problem", role: "alert" });
  const url = el("input", { id: "webhook-url", type: "url", inputmode: "url", autocomplete: "off", spellcheck: "false", placeholder: "https://example.com/hook", "aria-describedby": "webhook-hint webhook-problem" });
  const boxes = Object.entries(EVENTS).map(([value, word]) => ({ box: el("input", { type: "checkbox", value, checked: true }), word }));
  const events = el("fieldset", {}, el("legend", {}, "When a task is"), ...boxes.map(({ box, word }) => el("label", {}, box, word)));
  const format = el("select", { id: "webhook-format", change: limitEvents }, ...Object.entries(FORMATS).map(([value, word]) => el("option", { value }, word)));
  const button = el("button", { type: "submit", class: "primary" }, "Add webhook");
  const element = el(
    "form",
    { class: "webhook-form", novalidate: true, submit },
    el("label", { for: "webhook-url" }, "Address of your program"),
    url,
    el("p", { class: "hint", id: "webhook-hint" }, "It must be reachable from Backburner's server and use https, unless the operator allows others."),
    problem,
    events,
    el("label", { for: "webhook-format" }, "Format"),
    format,
    button,
  );
  let busy = false;

  /** OpenAI has no name for some events. */
  function limitEvents() {
    for (const { box } of boxes) box.disabled = format.value === "openai" && !OPENAI_EVENTS.includes(box.value);
  }

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    const chosen = boxes.filter(({ box }) => box.checked && !box.disabled).map(({ box }) => box.value);
    if (!url.value.trim()) return setError("Write the address of your program.", url);
    if (chosen.length === 0) return setError("Choose at least one event.", boxes[0].box);
    setBusy(true);
    try {
      const made = await create({ url: url.value.trim(), events: chosen, format: format.value });
      url.value = "";
      onCreated(made);
    } catch (error) {
      const { message } = explainWebhook(error);
      setError(message, url);
    }
    setBusy(false);
  }

  /** @param {boolean} working */
  function setBusy(working) {
    busy = working;
    button.setAttribute("aria-disabled", String(working)); // "disabled" would lose the focus
    setText(button, working ? "Adding…" : "Add webhook");
    if (!working) return;
    setText(problem, "");
    url.removeAttribute("aria-invalid");
  }

  /** @param {string} message @param {HTMLInputElement} field */
  function setError(message, field) {
    setText(problem, message);
    if (field === url) url.setAttribute("aria-invalid", "true");
    field.focus();
  }

  return { element, focus: () => url.focus() };
}
