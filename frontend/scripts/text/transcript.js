/** Reads a conversation written as Markdown, as the API exports it, by the rules of services/api/transcript. */

/** @typedef {import("./conversation.js").Block} Block */
/** @typedef {{kind: string, line: number, text: string}} Section */

// A line ends at "\n" alone, which JavaScript's multiline "^" does not know.
const MARKER = /(?<![^\n])<!--[ \t]*backburner:([^\n]*)\n?/g;
const KNOWN = /^[ \t]*(task|developer|user|assistant|part|answer|sources)[ \t]*-->[ \t]*\r?$/;
const ESCAPED = /(?<![^\n])\\(?=\\*<!--[ \t]*backburner:)/g;

/** Says in a sentence why a document holds no conversation that can be sent. */
export class ImportError extends Error {}

/** @param {string} document */
export const isTranscript = (document) => document.search(MARKER) >= 0;

/** The conversation to be answered; Markdown without markers is one question. @param {string} document @returns {Block[]} */
export function readTranscript(document) {
  const sections = sectionsOf(document);
  if (sections.length === 0) return [{ role: "user", text: document }];
  const tasks = sections.filter(({ kind }) => kind === "task").length;
  if (tasks > 1) throw new ImportError(`This holds ${tasks} tasks. Export one of them alone.`);
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
    if (!kind) throw new ImportError(`Line ${line}: Backburner has no such marker.`);
    const body = document.slice(marker.index + marker[0].length, markers[number + 1]?.index);
    return { kind, line, text: bare(body, marker[1].endsWith("\r") ? "\r\n" : "\n") };
  });
}

/** Without the empty lines that stand around it. @param {string} text @param {string} newline */
function bare(text, newline) {
  const begun = text.startsWith(newline) ? text.slice(newline.length) : text;
  const without = (/** @type {string} */ rest) => (rest.endsWith(newline) ? rest.slice(0, -newline.length) : rest);
  return without(without(begun)).replace(ESCAPED, "");
}
