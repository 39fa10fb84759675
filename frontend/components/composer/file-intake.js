/** Reads files and pasted text: a conversation to import, or a text file to attach. Loaded when it is first needed. */

import { composition } from "../../scripts/text/conversation.js";
import { ImportError, readFile, readPasted } from "../../scripts/text/import-conversation.js";

/** @typedef {import("../../scripts/text/conversation.js").Composition} Composition */
/** @typedef {import("../../scripts/text/conversation.js").Attachment} Attachment */
/** @typedef {{conversation: Composition}|{attachment: Attachment}|{problem: string}} Intake */

/** The limit of clients/backburner/attachments.py: about as much as the model reads. */
const MAX_FILE_BYTES = 1024 * 1024;

/** The API accepts no more. */
const MAX_IMPORT_BYTES = 4 * 1024 * 1024;

/**
 * @param {object} form
 * @param {() => Composition} form.written
 * @param {(other: Composition) => void} form.replace
 * @param {(added: Attachment[]) => void} form.attach
 * @param {(text: string, offer?: {undo?: () => void, name?: string}) => void} form.tell
 * @param {() => boolean} form.isBusy
 */
export function createIntake({ written, replace, attach, tell, isBusy }) {
  /** @param {Composition} taken @param {string} source @param {Composition} before @param {string} undoName */
  function bring(taken, source, before, undoName) {
    replace(taken);
    tell(`${source}: imported as a conversation.`, { undo: () => replace(before), name: undoName });
  }

  /** @param {Attachment[]} added */
  function add(added) {
    const before = written();
    const [{ name, text }] = added;
    attach(added);
    if (added.length > 1) return tell(`${added.length} files are added to your message.`);
    const instead = { ...before, blocks: [...before.blocks.slice(0, -1), { role: /** @type {const} */ ("user"), text }] };
    tell(`${name} is added to your message.`, { undo: () => replace(instead), name: "Replace the message with it" });
  }

  return {
    /** A conversation replaces what is written; other text files are attached. @param {File[]} files */
    async takeFiles(files) {
      const all = await Promise.all(files.map(takeFile));
      if (isBusy()) return;
      const added = all.flatMap((each) => ("attachment" in each ? each.attachment : []));
      const problems = all.flatMap((each) => ("problem" in each ? each.problem : "conversation" in each && files.length > 1 ? "A conversation must be added alone." : []));
      if (added.length > 0) add(added);
      if (problems.length > 0) return tell(problems.join(" "));
      if (files.length === 1 && "conversation" in all[0]) bring(all[0].conversation, files[0].name, written(), "Undo");
    },
    /** @param {string} text @param {() => boolean} isStill whether the field has only this text */
    takePasted(text, isStill) {
      const taken = isStill() && !isBusy() ? readClipboard(text) : null;
      if (taken && "problem" in taken) tell(taken.problem);
      if (taken && "conversation" in taken) bring(taken.conversation, "Pasted text", composition([{ role: "user", text }]), "Keep it as text");
    },
  };
}

/** What a file is; a file that is no text is refused. @param {File} file @returns {Promise<Intake>} */
async function takeFile(file) {
  if (file.size > MAX_IMPORT_BYTES) return { problem: `${file.name} is too large: the limit is 4 MB for a conversation and 1 MB for a file.` };
  const bytes = await file.arrayBuffer().catch(() => null);
  if (bytes === null) return { problem: `${file.name} cannot be read.` };
  const text = textIn(new Uint8Array(bytes));
  if (text === null) return { problem: `${file.name} is not a text file in UTF-8 or UTF-16, and only text is sent.` };
  try {
    const conversation = readFile(text, file.name);
    if (conversation) return { conversation };
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    return { problem: `${file.name}: ${error.message}` };
  }
  if (file.size > MAX_FILE_BYTES) return { problem: `${file.name} is too large: the limit of a file is 1 MB, about 262,000 tokens.` };
  return { attachment: { name: quotable(file.name), text: text.replace(/\r\n/g, "\n") } };
}

/** The conversation in pasted text, a problem, or null for what is meant as text. @param {string} text @returns {Intake|null} */
function readClipboard(text) {
  try {
    const conversation = readPasted(text);
    return conversation && { conversation };
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    return { problem: `Pasted text: ${error.message}` };
  }
}

/** The text in UTF-8, or in UTF-16 with a byte order mark; null for anything else. @param {Uint8Array} bytes */
export function textIn(bytes) {
  const mark = String(bytes.subarray(0, 2));
  const encoding = mark === "255,254" ? "utf-16le" : mark === "254,255" ? "utf-16be" : "utf-8";
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    // Text has no control characters but tab, line ends, form feed and escape.
    return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

/** @param {string} name */
const quotable = (name) => name.replace(/[\0-\x1f\x7f-\x9f`]/g, "_");
