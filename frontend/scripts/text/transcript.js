/** Reads a conversation written as Markdown, as the API exports it, by the rules of services/api/transcript. */

/** @typedef {import("./conversation.js").Block} Block */
/** @typedef {{kind: string, line: number, text: string}} Section */

// Not "^" with the m flag: it also matches after \r, U+2028 and U+2029.
const MARKER = /(?<![^\n])<!--[ \t]*backburner:([^\n]*)\n?/g;
const KNOWN = /^[ \t]*(task|developer|user|assistant|part|answer|sources)[ \t]*-->[ \t]*\r?$/;
const ESCAPED = /(?<![^\n])\\(?=\\*<!--[ \t]*backburner:)/g;

/** Its message says why a document cannot be imported. */
export class ImportError extends Error {}

/** @param {string} document */
export const isTranscript = (document) => document.search(MARKER) >= 0;

/** The conversation without its last answer; Markdown without markers is one question. @param {string} document @returns {Block[]} */
export function readTranscript(document) {
  const sections = sectionsOf(document);
  if (sections.length === 0) return [{ role: "user", text: document }];
  const tasks = sections.filter(({ kind }) => kind === "task").length;
  if (tasks > 1) throw new ImportError(`This holds ${tasks} tasks. Export a single task.`);
  const blocks = sections.reduce(take, /** @type {Block[]} */ ([]));
  return sections.findLast(({ kind }) => kind !== "sources")?.kind === "answer" ? blocks.slice(0, -1) : blocks;
}

/** @param {Block[]} blocks @param {Section} section @returns {Block[]} */
function take(blocks, { kind, line, text }) {
  if (kind === "task" || kind === "sources") return blocks;
  if (kind !== "part") return [...blocks, { role: kind === "answer" ? "assistant" : /** @type {Block["role"]} */ (kind), text }];
  const last = blocks.at(-1);
  if (!last) throw new ImportError(`Line ${line}: this part belongs to no message.`);
  return [...blocks.slice(0, -1), { ...last, text: `${last.text}\n\n${text}` }];
}

/** @param {string} document @returns {Section[]} */
function sectionsOf(document) {
  const markers = [...document.matchAll(MARKER)];
  if (markers.length > 0 && document.slice(0, markers[0].index).trim()) throw new ImportError("Text before the first marker belongs to no message.");
  let line = 1;
  let counted = 0;
  return markers.map((marker, number) => {
    line += document.slice(counted, marker.index).split("\n").length - 1;
    counted = marker.index;
    const kind = KNOWN.exec(marker[1])?.[1];
    if (!kind) throw new ImportError(`Line ${line}: unknown marker.`);
    const body = document.slice(marker.index + marker[0].length, markers[number + 1]?.index);
    return { kind, line, text: bare(body, marker[1].endsWith("\r") ? "\r\n" : "\n") };
  });
}

/** Removes the empty lines that the export adds around a text. @param {string} text @param {string} newline */
function bare(text, newline) {
  const begun = text.startsWith(newline) ? text.slice(newline.length) : text;
  const without = (/** @type {string} */ rest) => (rest.endsWith(newline) ? rest.slice(0, -newline.length) : rest);
  return without(without(begun)).replace(ESCAPED, "");
}
