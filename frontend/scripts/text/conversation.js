/** Converts between the composer's blocks and the input of a request, and measures its size. */

import { textOf } from "../state/tasks.js";

/** @typedef {import("../types.js").Message} Message */

/** @typedef {{role: Message["role"], text: string}} Block */
/** A text file that goes with the last message. @typedef {{name: string, text: string}} Attachment */
/** The composer's content: a developer block, which may be empty, and the rest in any order. @typedef {{blocks: Block[], attachments?: Attachment[]}} Composition */

/** @returns {Composition} */
export const emptyComposition = () => composition([{ role: "user", text: "" }]);

/** Adds an empty developer block if there is none. @param {Block[]} blocks @returns {Composition} */
export const composition = (blocks) => ({ blocks: blocks[0]?.role === "developer" ? blocks : [{ role: "developer", text: "" }, ...blocks] });

/** @param {Composition} composition */
export const isBlank = ({ blocks, attachments = [] }) => attachments.length === 0 && blocks.every(({ text }) => text.trim() === "");

/**
 * The input, and the block of each of its messages.
 * @param {Composition} composition @returns {{input: Message[], places: number[]}}
 */
export function composedInput({ blocks, attachments = [] }) {
  const last = blocks.length - 1;
  const written = blocks.map(({ role, text }, place) => ({ place, message: messageOf(role, place === last ? attached(text, attachments) : text) }));
  const sent = written.filter(({ place }) => blocks[place].role !== "developer" || blocks[place].text.trim() !== "");
  return { input: sent.map((each) => each.message), places: sent.map(({ place }) => place) };
}

/** The text with the files after it, as clients/backburner/attachments.py writes them. @param {string} text @param {Attachment[]} attachments */
export function attached(text, attachments) {
  if (attachments.length === 0) return text;
  const before = text.trim() ? [`${text.trimEnd()}\n`] : [];
  return [...before, ...attachments.map(fenced)].join("\n");
}

const MAX_TITLE = 100;

/** By default a title is the beginning of the message, which is not meant to go into the files. @param {Composition} composition */
export function titleOf({ blocks, attachments = [] }) {
  const text = blocks[blocks.length - 1].text.trim() || attachments.map(({ name }) => name).join(", ");
  const line = text.replace(/\s+/g, " ");
  return line.length > MAX_TITLE ? `${line.slice(0, MAX_TITLE - 1)}…` : line;
}

/** The questions in a text: its blocks between empty lines, or its lines if there are none. @param {string} text */
export function questionsIn(text) {
  const trimmed = text.trim();
  return trimmed.split(/\n\s*\n/.test(trimmed) ? /\n\s*\n/ : "\n").flatMap((part) => part.trim() || []);
}

/** In a fence that is longer than any in the text. @param {Attachment} attachment */
function fenced({ name, text }) {
  const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`{3,}/g)].map(([found]) => found.length + 1)));
  const ending = /[^.]\.([^.]+)$/.exec(name)?.[1].toLowerCase() ?? "";
  const language = /^[a-z0-9+#_-]{1,20}$/.test(ending) ? ending : "";
  const end = text === "" || text.endsWith("\n") ? "" : "\n";
  return `File: \`${name}\`\n\n${fence}${language}\n${text}${end}${fence}\n`;
}

/**
 * The previous input, the answer it got, and the new message.
 * @param {import("../types.js").Task} task @param {string} text
 */
export function followUpBody(task, text) {
  return {
    input: [...task.input, messageOf("assistant", task.output_text ?? ""), messageOf("user", text)],
    parent_id: task.id,
  };
}

/** The conversation of a task for the composer; the parts of a message become one text. @param {Message[]} input @returns {Composition} */
export const compositionOf = (input) => composition(input.map((each) => ({ role: each.role, text: textOf(each) })));

/** @param {Message["role"]} role @param {string} text @returns {Message} */
function messageOf(role, text) {
  return { role, content: [{ type: role === "assistant" ? "output_text" : "input_text", text }] };
}

const MAX_BYTES = 4 * 1024 * 1024;

/** The size of a request in tokens, by the server's rule of four bytes each; and why it cannot be sent. @param {{input: import("../types.js").Message[]}} body */
export function requestSize(body) {
  const tokens = body.input.reduce((sum, message) => sum + aboutTokens(textOf(message)), 0);
  const bytes = bytesOf(JSON.stringify(body));
  const problem = bytes > MAX_BYTES ? `Too large: ${megabytes(bytes)} MB. The limit is ${megabytes(MAX_BYTES)} MB.` : "";
  return { tokens, problem };
}

/** @param {string} text */
export const bytesOf = (text) => new TextEncoder().encode(text).length;

/** @param {string} text */
export const aboutTokens = (text) => Math.ceil(bytesOf(text) / 4);

/** "38 KB". @param {number} bytes */
export const fileSize = (bytes) => (bytes < 1024 ? `${bytes} bytes` : bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} KB` : `${megabytes(bytes)} MB`);

/** @param {number} bytes */
const megabytes = (bytes) => (bytes / 1024 / 1024).toFixed(1);
