/** The form in which a conversation is written and sent; it holds one draft. */

import { announce, el, setText } from "../../scripts/dom.js";
import { composedInput, composition, isBlank, requestSize } from "../../scripts/text/conversation.js";
import { importDrop } from "./import-drop.js";
import { messageBlock, autosave, submitOnCtrlEnter } from "./message-field.js";
import { submitError } from "./submit-error.js";

/** @typedef {import("../../scripts/text/conversation.js").Composition} Composition */
/** @typedef {import("../../scripts/text/conversation.js").Block} Block */
/** @typedef {import("./message-field.js").MessageBlock} MessageBlock */

/** @param {{start: import("../../scripts/state/submission.js").Start, estimate: import("../../scripts/connection/api.js").Api["estimate"], initial: Composition, slot: string}} parts */
export function composer({ start, estimate, initial, slot }) {
  const error = submitError({ onSendWithNewKey: () => (submission.sendWithNewKey(), form.requestSubmit()) });
  const submission = start({ slot, initial, onChange: update });
  const estimateLine = costEstimate(estimate);
  /** @type {MessageBlock[]} */
  let blocks = [];
  const conversation = el("div", { class: "messages" });
  const add = el("button", { type: "button", class: "quiet", click: extend }, "Add a reply and a next message");
  const send = el("button", { type: "submit", class: "primary" }, "Start task");
  const news = el("p", { class: "composer-status", role: "status" });
  const actions = el("div", { class: "actions" }, send, el("span", { class: "hint" }, "or press Ctrl-Enter (⌘-Enter)"));
  const form = el("form", { class: "composer", novalidate: true, submit: onSubmit });
  const open = importDrop(form, { isBlank: () => isBlank(written()), onTaken: take, onRefused: (problem) => tell(problem) });
  const imports = el("div", { class: "import-drop" }, open, el("span", { class: "hint" }, "or drop or paste one: Responses API input (JSON), Markdown, or an exported task"));
  form.append(news, conversation, el("div", { class: "actions" }, add), imports, error.element, estimateLine.element, actions);
  const save = autosave(form, keep);
  submitOnCtrlEnter(form);
  arrange(submission.content);
  submission.report();

  /** @returns {Composition} */
  function written() {
    return { blocks: blocks.map(({ role, field }) => ({ role, text: field.value })) };
  }

  function keep() {
    submission.edit(written());
    estimateLine.setBody(composedInput(written()));
  }

  /** @param {Composition} wanted */
  function arrange(wanted) {
    blocks = wanted.blocks.map(made);
    conversation.replaceChildren(...blocks.map(({ element }) => element));
    settle();
  }

  /** @param {Block} content */
  function made(content) {
    const it = messageBlock(content, { onMove: (step) => move(it, step), onRemove: () => remove(it) });
    return it;
  }

  function settle() {
    blocks.forEach((each, index) => each.setPosition(index, blocks.length));
    estimateLine.setBody(composedInput(written()));
  }

  function extend() {
    const pair = [made({ role: "assistant", text: "" }), made({ role: "user", text: "" })];
    blocks.push(...pair);
    conversation.append(...pair.map(({ element }) => element));
    settle();
    pair[0].field.focus();
    save();
  }

  /** Moves the neighbour in the DOM, so that the moved block keeps the focus. @param {MessageBlock} it @param {-1|1} step */
  function move(it, step) {
    const to = blocks.indexOf(it) + step;
    if (busy() || to < 1 || to >= blocks.length) return;
    const [neighbour] = blocks.splice(to, 1);
    blocks.splice(to - step, 0, neighbour);
    if (step < 0) it.element.after(neighbour.element);
    else it.element.before(neighbour.element);
    settle();
    save();
    announce(form, `Moved: message ${to} of ${blocks.length - 1}.`);
  }

  /** @param {MessageBlock} it */
  function remove(it) {
    if (busy()) return;
    const index = blocks.indexOf(it);
    blocks.splice(index, 1);
    it.element.remove();
    settle();
    blocks[Math.min(index, blocks.length - 1)].field.focus();
    save();
    if (it.field.value.trim()) tell("A message was removed.", () => putBack(it, index));
  }

  /** @param {MessageBlock} it @param {number} index of its former place */
  function putBack(it, index) {
    blocks.splice(index, 0, it);
    conversation.insertBefore(it.element, conversation.children[index] ?? null);
    settle();
    it.field.focus();
  }

  /** @param {Composition} taken @param {string} source @param {string} [text] that was pasted */
  function take(taken, source, text) {
    if (busy()) return;
    const before = text === undefined ? written() : composition([{ role: "user", text }]);
    replace(taken);
    save();
    tell(`${source}: imported as a conversation.`, () => replace(before), text === undefined ? "Undo" : "Keep it as text");
  }

  /** @param {Composition} other */
  function replace(other) {
    arrange(other);
    blocks[blocks.length - 1].field.focus();
  }

  /** @param {string} text @param {() => void} [undo] @param {string} [name] of the undo button */
  function tell(text, undo, name = "Undo") {
    const back = undo && el("button", { type: "button", class: "quiet", click: () => takeBack(undo) }, name);
    news.replaceChildren(text, ...(back ? [" ", back] : []));
  }

  /** @param {() => void} undo */
  function takeBack(undo) {
    if (busy()) return;
    undo();
    news.replaceChildren();
    save();
  }

  const busy = () => send.disabled;

  /** @param {Event} event */
  function onSubmit(event) {
    event.preventDefault();
    if (busy()) return;
    save();
    const { input, places } = composedInput(written());
    submission.send({ input }, places);
  }

  /** @param {{place: string|number, message: string}[]} fields */
  function showErrors(fields) {
    blocks.forEach((each, index) => each.setError(fields.filter(({ place }) => place === index).map(({ message }) => message).join(" ")));
    if (fields.length > 0) /** @type {HTMLElement|null} */ (form.querySelector("[aria-invalid]"))?.focus();
  }

  /** @param {Parameters<ReturnType<typeof submitError>["update"]>[0]} state */
  function update(state) {
    error.update(state);
    send.disabled = state.busy;
    send.textContent = state.busy ? "Sending…" : "Start task";
    for (const { field } of blocks) field.readOnly = state.busy;
    showErrors(state.explanation?.fields ?? []);
    if (state.explanation && document.activeElement === document.body) send.focus();
  }

  return { element: form, focus: () => blocks[blocks.length - 1].field.focus() };
}

/** The size of the request, and what tasks usually take and cost. @param {() => Promise<import("../../scripts/types.js").Estimate>} estimate */
export function costEstimate(estimate) {
  const size = el("span", { class: "size" });
  const usual = el("span", {});
  estimate().then(({ message }) => setText(usual, message), () => {}); // sending works without it
  return {
    element: el("p", { class: "cost-estimate" }, size, " ", usual),
    /** @param {{input: import("../../scripts/types.js").Message[]}} body */
    setBody(body) {
      const { says, isTooLarge } = requestSize(body);
      setText(size, says);
      size.classList.toggle("too-large", isTooLarge);
    },
  };
}
