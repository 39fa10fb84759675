/** Converts between the composer's blocks and the input of a request, and measures its size. */

/** @typedef {import("../types.js").Message} Message */

/** @typedef {{role: Message["role"], text: string}} Block */
/** The composer's content: a developer block, which may be empty, and the rest in any order. @typedef {{blocks: Block[]}} Composition */

/** @returns {Composition} */
export const emptyComposition = () => composition([{ role: "user", text: "" }]);

/** Adds an empty developer block if there is none. @param {Block[]} blocks @returns {Composition} */
export const composition = (blocks) => ({ blocks: blocks[0]?.role === "developer" ? blocks : [{ role: "developer", text: "" }, ...blocks] });

/** @param {Composition} composition */
export const isBlank = ({ blocks }) => blocks.every(({ text }) => text.trim() === "");

/**
 * The input, and the block of each of its messages.
 * @param {Composition} composition @returns {{input: Message[], places: number[]}}
 */
export function composedInput({ blocks }) {
  const written = blocks.map(({ role, text }, place) => ({ place, message: messageOf(role, text) }));
  const sent = written.filter(({ place }) => blocks[place].role !== "developer" || blocks[place].text.trim() !== "");
  return { input: sent.map((each) => each.message), places: sent.map(({ place }) => place) };
}

/** @param {import("../types.js").Task} task */
export const canFollowUp = (task) => Boolean(task.output_text?.trim());

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

/** @param {Message} message */
export function textOf({ content }) {
  return typeof content === "string" ? content : content.map((part) => part.text).join("\n\n");
}

/** @param {Message["role"]} role @param {string} text @returns {Message} */
function messageOf(role, text) {
  return { role, content: [{ type: role === "assistant" ? "output_text" : "input_text", text }] };
}

const MAX_BYTES = 4 * 1024 * 1024;

/** @param {{input: import("../types.js").Message[]}} body @returns {{says: string, isTooLarge: boolean}} */
export function requestSize(body) {
  const characters = body.input.reduce((sum, message) => sum + textOf(message).length, 0);
  const bytes = new TextEncoder().encode(JSON.stringify(body)).length;
  if (bytes > MAX_BYTES) return { says: `Too large: ${megabytes(bytes)} MB. The limit is ${megabytes(MAX_BYTES)} MB.`, isTooLarge: true };
  return { says: characters === 0 ? "" : `${characters.toLocaleString("en")} ${characters === 1 ? "character" : "characters"}.`, isTooLarge: false };
}

/** @param {number} bytes */
const megabytes = (bytes) => (bytes / 1024 / 1024).toFixed(1);
