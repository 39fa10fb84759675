/** The only place where markup enters the page: the fragment that the API has sanitised. */

/** @type {{createHTML: (html: string) => any}} */
const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("backburner-answer", {
  createHTML: (/** @type {string} */ html) => html,
}) ?? { createHTML: (html) => html };

const PIECE = 16_000; // characters that are laid out at a time
const LONG = 100_000; // characters of an answer whose far parts are not even laid out

/**
 * Piece by piece, so that a long answer does not hold the page up.
 * @param {HTMLElement} element
 * @param {string} html from /v1/tasks/{id}/answer and from nowhere else
 * @param {(piece: DocumentFragment) => void} prepare makes a piece ready to be shown
 */
export async function insertAnswer(element, html, prepare) {
  const template = document.createElement("template");
  template.innerHTML = policy.createHTML(html);
  element.classList.toggle("long", html.length > LONG);
  element.replaceChildren();
  while (template.content.hasChildNodes()) {
    const piece = takePiece(template.content);
    prepare(piece);
    element.append(piece);
    settleDirection(element);
    await new Promise((resume) => setTimeout(resume));
  }
}

/** As its first part: dir=auto passes over parts with a dir of their own, and over all of them at each piece. @param {HTMLElement} element */
function settleDirection(element) {
  const first = element.firstElementChild;
  if (first && element.dir === "auto") element.dir = getComputedStyle(first).direction;
}

/** @param {DocumentFragment} content */
function takePiece(content) {
  const piece = document.createDocumentFragment();
  for (let size = 0; content.firstChild && size < PIECE; ) {
    size += content.firstChild.textContent?.length ?? 0;
    piece.append(content.firstChild);
  }
  return piece;
}
