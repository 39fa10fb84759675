/** The files that go with the message: their chips, and how they are dropped, pasted or chosen. The module that reads them loads when it is first needed. */

import { el } from "../../scripts/dom.js";
import { aboutTokens, bytesOf, fileSize } from "../../scripts/text/conversation.js";
import { rounded } from "./submission-status.js";

/** @typedef {Parameters<typeof import("./file-intake.js").createIntake>[0]} Form */

/**
 * @param {HTMLFormElement} element
 * @param {Form & {isBlank: () => boolean}} form pasted text is read as a conversation only into a blank one
 */
export function fileDrop(element, { isBlank, ...form }) {
  /** @param {(intake: ReturnType<typeof import("./file-intake.js").createIntake>) => Promise<void>|void} run */
  async function withIntake(run) {
    const module = await import("./file-intake.js").catch(() => null);
    if (!module) return form.tell("Backburner did not respond. Try again.");
    await run(module.createIntake(form));
  }

  /** @param {File[]} files */
  const take = (files) => withIntake((intake) => intake.takeFiles(files));

  element.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const field = event.target;
    if (event.clipboardData?.files.length) return void (event.preventDefault(), take([...event.clipboardData.files]));
    if (!isBlank() || !(field instanceof HTMLTextAreaElement) || !/^\s*([[{]|<!--)|\n<!--/.test(text)) return;
    withIntake((intake) => intake.takePasted(text, () => field.value === text.replace(/\r\n?/g, "\n"))); // unchanged since the paste
  });
  element.addEventListener("dragover", (event) => event.dataTransfer?.types.includes("Files") && event.preventDefault());
  element.addEventListener("drop", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    take([...event.dataTransfer.files]);
  });

  return {
    take,
    choose() {
      const input = el("input", { type: "file", multiple: true, change: () => take([...(input.files ?? [])]) });
      input.click();
    },
  };
}

/** @typedef {import("../../scripts/text/conversation.js").Attachment} Attachment */

/** Chips with name, size and tokens. @param {{onRemove: (attachment: Attachment) => void}} actions */
export function attachedFiles({ onRemove }) {
  const element = el("ul", { class: "attachments", "aria-label": "Attached files" });

  /** @param {Attachment} attachment */
  function chip(attachment) {
    const { name, text } = attachment;
    const facts = el("small", {}, `${fileSize(bytesOf(text))} · about ${rounded(aboutTokens(text))} tokens`);
    return el("li", {}, el("span", { dir: "auto" }, name), facts, el("button", { type: "button", "aria-label": `Remove ${name}`, click: () => onRemove(attachment) }, "×"));
  }

  return {
    element,
    /** @param {Attachment[]} list */
    show(list) {
      element.replaceChildren(...list.map(chip));
      element.hidden = list.length === 0;
    },
  };
}
