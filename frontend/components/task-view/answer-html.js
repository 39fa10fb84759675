/** The only module that inserts HTML: the answer, which the API has sanitised. */

import { trustedHtml } from "../../scripts/trusted-types.js";

const CHUNK_LENGTH = 16_000; // characters that are laid out at a time
const LONG_LENGTH = 100_000; // from here on, parts out of sight are not laid out

/**
 * Inserts the answer in chunks, so that a long one does not block the page.
 * @param {HTMLElement} element
 * @param {string} html from /v1/tasks/{id}/answer, never from elsewhere
 * @param {(piece: DocumentFragment) => void} prepare adds to a chunk before it is inserted
 */
export async function insertAnswer(element, html, prepare) {
  const template = document.createElement("template");
  template.innerHTML = trustedHtml(html);
  element.classList.toggle("long", html.length > LONG_LENGTH);
  element.replaceChildren();
  while (template.content.hasChildNodes()) {
    const piece = takePiece(template.content);
    prepare(piece);
    element.append(piece);
    settleDirection(element);
    await new Promise((resume) => setTimeout(resume));
  }
}

/** Sets the direction of the first part. dir=auto ignores parts with a dir of their own and is computed again at each chunk. @param {HTMLElement} element */
function settleDirection(element) {
  const first = element.firstElementChild;
  if (first && element.dir === "auto") element.dir = getComputedStyle(first).direction;
}

/** @param {DocumentFragment} content */
function takePiece(content) {
  const piece = document.createDocumentFragment();
  for (let size = 0; content.firstChild && size < CHUNK_LENGTH; ) {
    size += content.firstChild.textContent?.length ?? 0;
    piece.append(content.firstChild);
  }
  return piece;
}
