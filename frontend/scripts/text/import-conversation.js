/** Makes a conversation of what a person brings along: a Responses input, an exported task, or Markdown. */

import { composition } from "./conversation.js";
import { ImportError, isTranscript, readTranscript } from "./transcript.js";

export { ImportError };

/** @typedef {import("./conversation.js").Block} Block */

const ROLES = ["developer", "user", "assistant"];

/**
 * A file is taken for what its name says, and for what it looks like where that says nothing.
 * @param {string} text @param {string} name @throws {ImportError}
 */
export function readFile(text, name) {
  const json = parsed(text);
  if (/\.json$/i.test(name) && json === undefined) throw new ImportError("This is not JSON.");
  const isMarkdown = /\.(md|markdown)$/i.test(name);
  return ready(json !== undefined && !isMarkdown ? blocksOf(json) : readTranscript(text));
}

/** Of what was pasted, only what cannot be meant as a text; null for all else. @param {string} text @throws {ImportError} */
export function readPasted(text) {
  if (isTranscript(text)) return ready(readTranscript(text));
  const json = parsed(text);
  const isConversation = Array.isArray(json) ? json.length > 0 && json.every((item) => item?.role || item?.type) : json?.input !== undefined;
  return isConversation ? ready(blocksOf(json)) : null;
}

/** With a place for the next question, where the last one is answered. @param {Block[]} blocks */
const ready = (blocks) => composition(blocks.at(-1)?.role === "user" ? blocks : [...blocks, { role: "user", text: "" }]);

/** @param {string} text @returns {any} undefined where it is no JSON object or list */
function parsed(text) {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** @param {any} json a list of messages, a request's body, an exported task, or an exported thread of one @returns {Block[]} */
function blocksOf(json) {
  if (Array.isArray(json)) return messagesOf(json);
  if (Array.isArray(json.tasks)) return blocksOf(only(json.tasks));
  if (typeof json.input === "string") return [{ role: "user", text: json.input }];
  if (Array.isArray(json.input)) return messagesOf(json.input);
  throw new ImportError("This JSON holds no conversation: it needs an “input”, as the Responses API takes it.");
}

/** @param {any[]} tasks */
function only(tasks) {
  if (tasks.length === 1) return tasks[0];
  throw new ImportError(`This holds ${tasks.length} tasks. Export one of them alone.`);
}

/** @param {any[]} items @returns {Block[]} */
function messagesOf(items) {
  if (items.length === 0) throw new ImportError("This conversation is empty.");
  return items.map((item, index) => messageOf(item, `Message ${index + 1}`));
}

/** @param {any} item @param {string} which @returns {Block} */
function messageOf(item, which) {
  if (!ROLES.includes(item?.role)) throw new ImportError(`${which} is from “${item?.role ?? item?.type ?? "nobody"}”; only developer, user and assistant are sent.`);
  const parts = Array.isArray(item.content) ? item.content.map((/** @type {any} */ part) => partOf(part, which)) : [item.content];
  if (!parts.every((/** @type {any} */ part) => typeof part === "string")) throw new ImportError(`${which} has no text.`);
  return { role: item.role, text: parts.join("\n\n") };
}

/** @param {any} part @param {string} which */
function partOf(part, which) {
  if (part?.type === "input_text" || part?.type === "output_text") return part.text;
  throw new ImportError(`${which} holds “${part?.type ?? "something unknown"}”; only text is sent.`);
}
