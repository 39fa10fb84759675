/** Imports a conversation from a file that is opened or dropped, or from text pasted into the empty form. */

import { el } from "../../scripts/dom.js";

const MAX_BYTES = 4 * 1024 * 1024; // the API accepts no more

/** @typedef {import("../../scripts/text/conversation.js").Composition} Composition */
/** @typedef {typeof import("../../scripts/text/import-conversation.js")} Reading */

/**
 * @param {HTMLFormElement} form
 * @param {object} parts
 * @param {() => boolean} parts.isBlank
 * @param {(composition: Composition, source: string, text?: string) => void} parts.onTaken receives the conversation, its source, and the text if it was pasted
 * @param {(problem: string) => void} parts.onRefused
 */
export function importDrop(form, { isBlank, onTaken, onRefused }) {
  /** @param {(reading: Reading) => Composition|null} read @param {string} source @param {string} [text] */
  async function attempt(read, source, text) {
    const reading = await import("../../scripts/text/import-conversation.js").catch(() => null);
    if (!reading) return text === undefined && onRefused(`${source}: Backburner did not respond. Try again.`);
    try {
      const found = read(reading);
      if (found) onTaken(found, source, text);
    } catch (error) {
      if (!(error instanceof reading.ImportError)) throw error;
      onRefused(`${source}: ${error.message}`);
    }
  }

  /** @param {File|undefined} file */
  async function open(file) {
    if (!file) return;
    if (file.size > MAX_BYTES) return onRefused(`${file.name}: larger than the limit of 4 MB.`);
    const text = await file.text();
    attempt(({ readFile }) => readFile(text, file.name), file.name);
  }

  form.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const field = event.target;
    if (!isBlank() || !(field instanceof HTMLTextAreaElement)) return;
    const isStill = () => field.value === text.replace(/\r\n?/g, "\n"); // unchanged since the paste
    attempt(({ readPasted }) => (isStill() ? readPasted(text) : null), "Pasted text", text);
  });
  form.addEventListener("dragover", (event) => hasFile(event) && event.preventDefault());
  form.addEventListener("drop", (event) => {
    if (!hasFile(event)) return;
    event.preventDefault();
    open(event.dataTransfer?.files[0]);
  });

  function choose() {
    const input = el("input", { type: "file", accept: ".json,.md,.markdown,.txt", change: () => open(input.files?.[0]) });
    input.click();
  }
  return el("button", { type: "button", class: "quiet", click: choose }, "Open a file…");
}

/** @param {DragEvent} event */
const hasFile = (event) => event.dataTransfer?.types.includes("Files") ?? false;
