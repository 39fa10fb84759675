/** Where a conversation is written and handed in: `composer({submission…})` holds one draft. */

import { composedInput } from "../../scripts/conversation.js";
import { el } from "../../scripts/dom.js";
import { createSubmission } from "../../scripts/submission.js";
import { saveOnPause, sendByKeyboard } from "../../scripts/typing.js";
import { refusal } from "../refusal/refusal.js";
import { turn } from "./turn.js";

/** @typedef {import("../../scripts/conversation.js").Composition} Composition */

/** @param {{start: (parts: any) => ReturnType<typeof createSubmission<Composition>>, initial: Composition, slot: string}} parts */
export function composer({ start, initial, slot }) {
  const verdict = refusal({ onSendAnew: () => (submission.sendAnew(), form.requestSubmit()) });
  const submission = start({ slot, initial, onChange: update });
  const developer = turn({
    id: "developer",
    label: "Developer message",
    hint: "optional: how the model should behave",
    text: submission.content.developer,
    rows: 2,
  });
  /** @type {ReturnType<typeof turn>[]} */
  let turns = [];
  const conversation = el("div", { class: "turns" });
  const add = el("button", { type: "button", class: "quiet", click: () => extend() }, "Add a reply and a next message");
  const send = el("button", { type: "submit", class: "primary" }, "Start task");
  const actions = el("div", { class: "actions" }, send, el("span", { class: "hint" }, "or press Ctrl-Enter (⌘-Enter)"));
  const form = el("form", { class: "composer", novalidate: true, submit: onSubmit });
  form.append(developer.element, conversation, add, verdict.element, actions);
  const save = saveOnPause(form, () => submission.edit(written()));
  sendByKeyboard(form);
  arrange(submission.content.turns);
  submission.report();

  /** @returns {Composition} */
  function written() {
    return { developer: developer.field.value, turns: turns.map(({ field }) => field.value) };
  }

  /** @param {string[]} texts */
  function arrange(texts) {
    turns = texts.map((text, index) => turn({ id: `turn-${index}`, text, ...labelOf(index, texts.length) }));
    conversation.replaceChildren(...turns.map(({ element }) => element));
    for (let index = 1; index < turns.length; index += 2) turns[index].element.prepend(remover(index));
  }

  /** @param {number} index of the assistant's turn that goes, with the user's turn after it */
  function remover(index) {
    const name = `Remove reply ${(index + 1) / 2} and the message after it`;
    return el("button", { type: "button", class: "quiet remove", "aria-label": name, click: () => shorten(index) }, "Remove");
  }

  function extend() {
    arrange([...written().turns, "", ""]);
    turns[turns.length - 2].field.focus();
    save();
  }

  /** @param {number} index */
  function shorten(index) {
    arrange(written().turns.toSpliced(index, 2));
    turns[index - 1].field.focus();
    save();
  }

  /** @param {Event} event */
  function onSubmit(event) {
    event.preventDefault();
    if (send.disabled) return;
    save();
    const { input, places } = composedInput(written());
    submission.send({ input }, places);
  }

  /** @param {{place: string|number, message: string}[]} fields */
  function complain(fields) {
    const said = (/** @type {string|number} */ place) =>
      fields.filter((field) => field.place === place).map(({ message }) => message).join(" ");
    developer.complain(said("developer"));
    turns.forEach((each, index) => each.complain(said(index)));
    if (fields.length > 0) /** @type {HTMLElement|null} */ (form.querySelector("[aria-invalid]"))?.focus();
  }

  /** @param {Parameters<ReturnType<typeof refusal>["update"]>[0]} state */
  function update(state) {
    verdict.update(state);
    send.disabled = state.busy;
    send.textContent = state.busy ? "Sending…" : "Start task";
    for (const { field } of [developer, ...turns]) field.readOnly = state.busy;
    complain(state.explanation?.fields ?? []);
    if (state.explanation && document.activeElement === document.body) send.focus();
  }

  return { element: form, focus: () => turns[0].field.focus() };
}

/** @param {number} index @param {number} length */
function labelOf(index, length) {
  if (index % 2 === 1) return { label: "Assistant", hint: "what the model is to take as its earlier answer" };
  if (length === 1) return { label: "Your message", rows: 8 };
  return { label: index === length - 1 ? "Your message" : "You, earlier", rows: index === length - 1 ? 6 : 3 };
}
