/** The answer and its sources. */

import { el } from "../../scripts/dom.js";
import { sectionOf } from "../../scripts/router.js";
import { isLateAnswer } from "../../scripts/state/tasks.js";
import { sourcesOf } from "../../scripts/text/sources.js";
import { insertAnswer } from "./answer-html.js";
import { answerParts, sectionElement } from "./answer-parts.js";

/** @typedef {import("../../scripts/types.js").Task} Task */

/** @param {Task} task @param {import("../../scripts/connection/api.js").Api} api @returns {Element[]} */
export function answer(task, api) {
  if (!task.output_text?.trim()) {
    return task.status === "completed" ? [el("p", {}, "The model wrote no text.")] : [];
  }
  const text = el("div", { class: "answer-text", dir: "auto", "aria-busy": "true", click: follow }, "Loading the answer…");
  const list = sources(task.citations);
  fill(text, task, api).then(() => {
    for (const source of list?.children ?? []) source.lastElementChild?.append(...backLink(text, source.id)); // in the last line
    const section = sectionOf(location.hash);
    if (section && text.isConnected) show(sectionElement(section));
  });
  const section = el("section", { class: "answer", "aria-labelledby": "answer-heading" });
  section.append(el("h2", { id: "answer-heading" }, isLateAnswer(task) ? "Late answer" : "Answer"), text);
  if (list) section.append(el("h3", {}, "Sources"), list);
  return [section];
}

/** @param {HTMLElement} text @param {Task} task @param {import("../../scripts/connection/api.js").Api} api */
async function fill(text, task, api) {
  try {
    await insertAnswer(text, await api.retrieveAnswer(task.id), answerParts(task.id));
  } catch {
    text.replaceChildren(el("p", { class: "hint" }, "Shown as plain text: the formatted answer could not be loaded."));
    text.append(el("div", { class: "plain" }, task.output_text));
  }
  text.removeAttribute("aria-busy");
}

/** A citation scrolls to its source and keeps the address; a heading's link becomes the address. @param {Event} event */
function follow(event) {
  const link = /** @type {HTMLAnchorElement|null} */ (/** @type {Element} */ (event.target).closest("a[href^='#']"));
  const pressed = /** @type {MouseEvent} */ (event);
  if (!link || pressed.ctrlKey || pressed.metaKey || pressed.shiftKey) return;
  event.preventDefault();
  const section = link.dataset.section;
  if (section) history.replaceState(null, "", link.href);
  show(section ? sectionElement(section) : document.getElementById(link.hash.slice(1)));
}

/** @param {HTMLElement|null} element */
function show(element) {
  element?.scrollIntoView({ block: "center" });
  element?.focus({ preventScroll: true });
}

/** @param {import("../../scripts/types.js").Citation[]} citations */
function sources(citations) {
  const items = sourcesOf(citations).map(({ id, name, href, host }) =>
    el("li", { id, tabindex: "-1", dir: "auto" }, href ? outward(href, name) : name, " ", el("span", { class: "source-host" }, host)),
  );
  return items.length === 0 ? null : el("ol", { class: "sources" }, ...items);
}

/** A button from a source back to its first citation. @param {HTMLElement} text @param {string} id @returns {Element[]} */
function backLink(text, id) {
  const note = /** @type {HTMLElement|null} */ (text.querySelector(`a[href="#${id}"]`));
  if (!note) return [];
  const label = `Back to where source ${id.replace("source-", "")} is cited`;
  return [el("button", { type: "button", class: "back-link", "aria-label": label, click: () => show(note) }, "↩")];
}

/** @param {string} href @param {string} name */
const outward = (href, name) => el("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, name);
