/** The form in which a conversation is written and sent; it holds one draft. */

import { announce, el, setText } from "../../scripts/dom.js";
import { composedInput, composition, isBlank, questionsIn, titleOf } from "../../scripts/text/conversation.js";
import { lazy } from "../../scripts/view-host.js";
import { attachedFiles, fileDrop } from "./files.js";
import { messageBlock, autosave, submitOnCtrlEnter } from "./message-field.js";
import { costLine, submitError } from "./submission-status.js";

const presetsPart = lazy(() => import("../presets/presets.js"), "components/presets/presets.css");

/** @typedef {import("../../scripts/text/conversation.js").Composition} Composition */
/** @typedef {import("../../scripts/text/conversation.js").Attachment} Attachment */
/** @typedef {import("../../scripts/text/conversation.js").Block} Block */
/** @typedef {import("./message-field.js").MessageBlock} MessageBlock */

/** @param {{start: import("../../scripts/state/submission.js").Start, api: import("../../scripts/connection/api.js").Api, newKey: () => string, initial: Composition, slot: string}} parts */
export function composer({ start, api, newKey, initial, slot }) {
  const error = submitError({ onSendWithNewKey: () => (submission.sendWithNewKey(), form.requestSubmit()) });
  const submission = start({ slot, initial, onChange: update });
  const cost = costLine(api);
  /** @type {MessageBlock[]} */
  let blocks = [];
  /** @type {Attachment[]} */
  let attachments = [];
  /** @type {Promise<unknown>|null} */
  let presets = null;
  const preview = el("span", { class: "instructions-preview", dir: "auto" });
  const instructions = el("details", { class: "instructions", toggle: onToggle }, el("summary", {}, el("span", { class: "instructions-name" }, "Instructions"), preview));
  const conversation = el("div", { class: "messages" });
  const chips = attachedFiles({ onRemove: detach });
  const file = el("button", { type: "button", class: "quiet", click: () => files.choose() }, el("span", {}, "Add "), "files…");
  const add = el("button", { type: "button", class: "quiet", click: extend }, el("span", {}, "Add an "), "exchange");
  const several = el("button", { type: "button", class: "quiet", "aria-pressed": "false", title: "Each block between empty lines, or each line, becomes a task of its own", click: toggleSeveral }, "Several", el("span", {}, " questions"));
  const send = el("button", { type: "submit", class: "primary", title: "Ctrl-Enter (⌘-Enter)" }, "Start task");
  const news = el("p", { class: "composer-status", role: "status" });
  const tools = el("div", { class: "card-tools" }, el("div", { class: "card-ways" }, file, add, several), cost.element, send);
  const form = el("form", { class: "composer", novalidate: true, submit: onSubmit });
  form.append(el("div", { class: "card" }, instructions, conversation, chips.element, news, error.element, tools));
  const save = autosave(form, keep);
  submitOnCtrlEnter(form);
  form.addEventListener("input", () => news.dataset.stays || news.replaceChildren());
  const files = fileDrop(form, { written, replace, attach: (added) => setAttachments([...attachments, ...added]), tell, isBusy: busy, isBlank: () => isBlank(written()) });
  arrange(submission.content);
  submission.report();

  /** @returns {Composition} */
  function written() {
    return { blocks: blocks.map(({ role, field }) => ({ role, text: field.value })), ...(attachments.length > 0 && { attachments }) };
  }

  function keep() {
    submission.edit(written());
    showCost();
  }

  /** One body for each question, or only one. */
  function bodies() {
    const all = written();
    const last = all.blocks.length - 1;
    const isSeveral = several.getAttribute("aria-pressed") === "true" && !several.hidden;
    const texts = isSeveral ? questionsIn(all.blocks[last].text) : [];
    if (texts.length < 2) return [composedInput(all)];
    return texts.map((text) => composedInput({ ...all, blocks: [...all.blocks.slice(0, last), { role: "user", text }] }));
  }

  function showCost() {
    const all = bodies();
    cost.setBody({ input: all.flatMap(({ input }) => input) }, all.length);
    if (!busy()) setText(send, all.length > 1 ? `Start ${all.length} tasks` : "Start task");
  }

  function toggleSeveral() {
    several.setAttribute("aria-pressed", String(several.getAttribute("aria-pressed") !== "true"));
    showCost();
    blocks[blocks.length - 1].field.focus();
  }

  /** The first block, the instructions, is folded. @param {Composition} wanted */
  function arrange(wanted) {
    blocks = wanted.blocks.map(made);
    attachments = wanted.attachments ?? [];
    instructions.children[1]?.remove();
    instructions.children[0].after(blocks[0].element);
    conversation.replaceChildren(...blocks.slice(1).map(({ element }) => element));
    preshow();
    settle();
  }

  function onToggle() {
    preshow();
    if (instructions.open && presets === null) presets = presetsPart.load().then(showPresets, () => (presets = null)); // tried again when it is opened again
  }

  /** @param {typeof import("../presets/presets.js")} part */
  function showPresets(part) {
    instructions.append(part.presets({ api, newId: newKey, read: () => blocks[0].field.value, write: instruct }));
  }

  /** @param {string} text */
  function instruct(text) {
    blocks[0].field.value = text;
    save();
  }

  function preshow() {
    setText(preview, instructions.open ? "" : blocks[0].field.value.trim().split("\n")[0] || "optional: how the model should behave");
  }

  /** @param {Block} content */
  function made(content) {
    const it = messageBlock(content, { onMove: (step) => move(it, step), onRemove: () => remove(it) });
    return it;
  }

  function settle() {
    blocks.forEach((each, index) => each.setPosition(index, blocks.length));
    form.classList.toggle("single", blocks.length === 2); // with one message its label is clear
    chips.show(attachments);
    several.hidden = blocks.length > 2 || attachments.length > 0;
    showCost();
  }

  /** @param {Attachment[]} list */
  function setAttachments(list) {
    attachments = list;
    settle();
    save();
  }

  /** @param {Attachment} attachment */
  function detach(attachment) {
    if (busy()) return;
    const before = attachments;
    setAttachments(before.filter((other) => other !== attachment));
    file.focus();
    tell(`${attachment.name} was removed.`, { undo: () => setAttachments(before) });
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
    if (it.field.value.trim()) tell("A message was removed.", { undo: () => putBack(it, index), stays: true });
  }

  /** @param {MessageBlock} it @param {number} index of its former place */
  function putBack(it, index) {
    blocks.splice(index, 0, it);
    conversation.insertBefore(it.element, conversation.children[index - 1] ?? null);
    settle();
    it.field.focus();
  }

  /** @param {Composition} other */
  function replace(other) {
    arrange(other);
    blocks[blocks.length - 1].field.focus();
    save();
  }

  /** Until something is typed, unless it stays. @param {string} text @param {{undo?: () => void, name?: string, stays?: boolean}} [offer] `name` of the button */
  function tell(text, { undo, name = "Undo", stays = false } = {}) {
    const back = undo && el("button", { type: "button", class: "quiet", click: () => takeBack(undo) }, name);
    news.dataset.stays = stays ? "true" : "";
    news.replaceChildren(text, ...(back ? [" ", back] : []));
  }

  /** @param {() => void} undo */
  function takeBack(undo) {
    if (busy()) return;
    undo();
    news.replaceChildren();
    save();
  }

  function busy() {
    return send.disabled;
  }

  /** @param {Event} event */
  function onSubmit(event) {
    event.preventDefault();
    if (busy()) return;
    save();
    const all = bodies();
    if (all.length > 1) return void submission.sendAll(all.map(({ input }) => ({ input })));
    const { input, places } = all[0];
    const title = attachments.length > 0 && titleOf(written());
    submission.send(title ? { input, title } : { input }, places);
  }

  /** @param {{place: string|number, message: string}[]} fields */
  function showErrors(fields) {
    blocks.forEach((each, index) => each.setError(fields.filter(({ place }) => place === index).map(({ message }) => message).join(" ")));
    if (fields.some(({ place }) => place === 0)) instructions.open = true;
    if (fields.length > 0) /** @type {HTMLElement|null} */ (form.querySelector("[aria-invalid]"))?.focus();
  }

  /** @param {Parameters<ReturnType<typeof submitError>["update"]>[0]} state */
  function update(state) {
    error.update(state);
    send.disabled = state.busy;
    if (state.busy) send.textContent = "Sending…";
    else if (blocks.length > 0) showCost();
    for (const { field } of blocks) field.readOnly = state.busy;
    showErrors(state.explanation?.fields ?? []);
    if (state.explanation && document.activeElement === document.body) send.focus();
  }

  return {
    element: form,
    focus: () => blocks[blocks.length - 1].field.focus(),
    /** Replaces what is written. @param {string} text */
    write: (text) => replace(composition([{ role: "user", text }])),
    /** As if a file was added. @param {string} text @param {string} name */
    bring: (text, name) => files.take([new File([text], name)]),
  };
}
