/** Imports a conversation: a Responses API input, an exported task, or Markdown. */

import { composition } from "./conversation.js";
import { ImportError, isTranscript, readTranscript } from "./transcript.js";

export { ImportError };

/** @typedef {import("./conversation.js").Block} Block */

const ROLES = ["developer", "user", "assistant"];

/**
 * The conversation in a file: JSON, or Markdown with our markers; null for any other text.
 * @param {string} text @param {string} name @throws {ImportError} for JSON that is meant as a conversation and cannot be sent
 */
export function readFile(text, name) {
  if (isTranscript(text)) return ready(readTranscript(text));
  const json = /\.(md|markdown)$/i.test(name) ? undefined : parsed(text);
  return isConversation(json) ? ready(blocksOf(json)) : null;
}

/** A pasted conversation; null for anything that may be meant as text. @param {string} text @throws {ImportError} for a transcript that is broken */
export function readPasted(text) {
  if (isTranscript(text)) return ready(readTranscript(text));
  const json = parsed(text);
  try {
    return isConversation(json) ? ready(blocksOf(json)) : null;
  } catch (error) {
    if (error instanceof ImportError) return null; // other JSON, left as it is
    throw error;
  }
}

/** Fields beside "input" that show a request of the Responses API or an export, not just any data. */
const REQUEST_FIELDS = /^(model|instructions|title|parent_id|export|background|include|max_output_tokens|metadata|previous_response_id|reasoning|store|stream|temperature|text|tool_choice|tools|truncation|user)$/;

/** @param {any} json @returns {boolean} */
function isConversation(json) {
  if (Array.isArray(json)) return json.some((item) => item?.role) && json.every((item) => item?.role || item?.type);
  if (Array.isArray(json?.tasks)) return json.tasks.every(isConversation);
  if (Array.isArray(json?.input)) return isConversation(json.input);
  return typeof json?.input === "string" && Object.keys(json).every((name) => name === "input" || REQUEST_FIELDS.test(name));
}

/** Messages that the API takes; the page would show a field for each. */
const MAX_MESSAGES = 1000;

/** Adds an empty user message after an answer. @param {Block[]} blocks */
const ready = (blocks) => composition(few(blocks).at(-1)?.role === "user" ? blocks : [...blocks, { role: "user", text: "" }]);

/** @param {Block[]} blocks @throws {ImportError} */
function few(blocks) {
  if (blocks.length > MAX_MESSAGES) throw new ImportError(`This holds ${blocks.length} messages. A conversation has at most ${MAX_MESSAGES}.`);
  return blocks;
}

/** @param {string} text @returns {any} undefined if it is no JSON object or list */
function parsed(text) {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {any} json a list of messages, a request body, an exported task, or an exported thread of one task @returns {Block[]} */
function blocksOf(json) {
  if (Array.isArray(json)) return messagesOf(json);
  if (Array.isArray(json.tasks)) return blocksOf(only(json.tasks));
  const asked = typeof json.input === "string" ? [{ role: /** @type {const} */ ("user"), text: json.input }] : messagesOf(json.input);
  return typeof json.instructions === "string" && json.instructions ? [{ role: "developer", text: json.instructions }, ...asked] : asked;
}

/** @param {any[]} tasks */
function only(tasks) {
  if (tasks.length === 1) return tasks[0];
  throw new ImportError(`This holds ${tasks.length} tasks. Export a single task.`);
}

/** @param {any[]} items @returns {Block[]} */
function messagesOf(items) {
  if (items.length === 0) throw new ImportError("This conversation is empty.");
  return items.map((item, index) => messageOf(item, `Message ${index + 1}`));
}

/** @param {any} item @param {string} which @returns {Block} */
function messageOf(item, which) {
  if (!ROLES.includes(item?.role)) throw new ImportError(`${which} is from “${item?.role ?? item?.type ?? "unknown"}”; only developer, user and assistant are sent.`);
  const parts = Array.isArray(item.content) ? item.content.map((/** @type {any} */ part) => partOf(part, which)) : [item.content];
  if (!parts.every((/** @type {any} */ part) => typeof part === "string")) throw new ImportError(`${which} has no text.`);
  return { role: item.role, text: parts.join("\n\n") };
}

/** @param {any} part @param {string} which */
function partOf(part, which) {
  if (part?.type === "input_text" || part?.type === "output_text") return part.text;
  throw new ImportError(`${which} holds “${part?.type ?? "unknown"}”; only text is sent.`);
}
