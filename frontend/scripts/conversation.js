/** Builds the input that is sent, from what was written and from what went before. */

/** @typedef {import("./types.js").Message} Message */

/**
 * What the composer holds: turns alternate, beginning and ending with the user's.
 * @typedef {{developer: string, turns: string[]}} Composition
 */

/** @returns {Composition} */
export const emptyComposition = () => ({ developer: "", turns: [""] });

/** @param {number} index @returns {"user"|"assistant"} */
export const roleOfTurn = (index) => (index % 2 === 0 ? "user" : "assistant");

/**
 * The input and, for each of its messages, the place it was written in ("developer" or a turn's index).
 * @param {Composition} composition @returns {{input: Message[], places: (string|number)[]}}
 */
export function composedInput({ developer, turns }) {
  const written = turns.map((text, index) => ({ place: /** @type {string|number} */ (index), message: message(roleOfTurn(index), text) }));
  if (developer.trim() !== "") written.unshift({ place: "developer", message: message("developer", developer) });
  return { input: written.map((each) => each.message), places: written.map((each) => each.place) };
}

/** @param {import("./types.js").Task} task */
export const canFollowUp = (task) => Boolean(task.output_text?.trim());

/**
 * The previous input, the answer it got, and the new message.
 * @param {import("./types.js").Task} task @param {string} text
 */
export function followUpBody(task, text) {
  return {
    input: [...task.input, message("assistant", task.output_text ?? ""), message("user", text)],
    parent_id: task.id,
  };
}

/**
 * A task's conversation back in the composer, or null where it does not fit its shape.
 * @param {Message[]} input @returns {Composition|null}
 */
export function compositionOf(input) {
  const developer = input[0]?.role === "developer" ? textOf(input[0]) : "";
  const rest = input.slice(developer === "" ? 0 : 1);
  const fits = rest.length % 2 === 1 && rest.every(({ role }, index) => role === roleOfTurn(index));
  return fits ? { developer, turns: rest.map(textOf) } : null;
}

/** @param {Message} message */
export function textOf({ content }) {
  return typeof content === "string" ? content : content.map((part) => part.text).join("\n\n");
}

/** @param {Message["role"]} role @param {string} text @returns {Message} */
function message(role, text) {
  return { role, content: [{ type: role === "assistant" ? "output_text" : "input_text", text }] };
}
