/** How much a request holds, against what the API takes. */

import { textOf } from "./conversation.js";

const MOST_BYTES = 4 * 1024 * 1024;

/** @param {{input: import("./types.js").Message[]}} body @returns {{says: string, isTooLarge: boolean}} */
export function sizeOf(body) {
  const characters = body.input.reduce((sum, message) => sum + textOf(message).length, 0);
  const bytes = new TextEncoder().encode(JSON.stringify(body)).length;
  if (bytes > MOST_BYTES) return { says: `Too large to send: ${megabytes(bytes)} MB, and at most ${megabytes(MOST_BYTES)} MB are taken.`, isTooLarge: true };
  return { says: characters === 0 ? "" : `${characters.toLocaleString("en")} ${characters === 1 ? "character" : "characters"}.`, isTooLarge: false };
}

/** @param {number} bytes */
const megabytes = (bytes) => (bytes / 1024 / 1024).toFixed(1);
