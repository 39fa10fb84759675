/** The answer of a turn and its sources. */

import { el } from "../../scripts/dom.js";
import { sectionOf } from "../../scripts/router.js";
import { isLateAnswer } from "../../scripts/state/tasks.js";
import { sourcesOf } from "../../scripts/text/sources.js";
import { insertAnswer } from "./answer-html.js";
import { answerParts } from "./answer-parts.js";
import { follow, show } from "./jumps.js";

/** @typedef {import("../../scripts/types.js").Task} Task */

/**
 * @param {object} parts
 * @param {Task} parts.task
 * @param {import("../../scripts/connection/api.js").Api} parts.api
 * @param {string} parts.prefix of ids and of the names of regions; empty for the task that the page is about
 * @returns {{element: HTMLElement, headings: import("./answer-parts.js").Heading[], whole: Promise<void>}|null} null without a text
 */
export function answer({ task, api, prefix }) {
  if (!task.output_text?.trim()) return null;
  const { prepare, headings } = answerParts(task.id, prefix);
  const sources = sourcesOf(task.citations);
  const text = el("div", { class: "answer-text", dir: "auto", "aria-busy": "true", click: (event) => follow(event, prefix) }, "Loading the answer…");
  const list = sourceList(sources, prefix);
  const whole = fill(text, task, api, prepare).then(() => {
    for (const source of list?.children ?? []) source.lastElementChild?.append(...backLink(text, source.id.slice(prefix.length))); // in the last line
    const section = prefix === "" && sectionOf(location.hash);
    if (section && text.isConnected) show(document.getElementById(`section-${section}`));
  });
  const name = isLateAnswer(task) ? "Late answer" : "Answer";
  const heading = el("h2", { id: `${prefix}answer-heading`, class: isLateAnswer(task) ? "late" : "visually-hidden" }, name);
  const labelled = prefix === "" ? { "aria-labelledby": heading.id } : {};
  const element = el("section", { class: "answer", ...labelled }, heading, text);
  if (sources.length > 0) for (const type of ["pointerenter", "focusin"]) text.addEventListener(type, loadCards, { once: true });
  if (list) {
    const title = el("h3", { id: `${prefix}sources`, class: "sources-heading", tabindex: "-1" }, "Sources");
    element.append(title, list);
    whole.then(() => headings.push({ element: title, level: 3, text: `Sources (${sources.length})` }));
  }
  return { element, headings, whole };

  /** Most answers are read without. */
  async function loadCards() {
    const part = await import("./citation-card.js").catch(() => null);
    if (part && !element.querySelector(".citation-card")) text.after(part.citationCard(text, sources));
  }
}

/** @param {HTMLElement} text @param {Task} task @param {import("../../scripts/connection/api.js").Api} api @param {(piece: DocumentFragment) => void} prepare */
async function fill(text, task, api, prepare) {
  try {
    await insertAnswer(text, await api.retrieveAnswer(task.id), prepare);
  } catch {
    text.replaceChildren(el("p", { class: "hint" }, "Shown as plain text: the formatted answer could not be loaded."));
    text.append(el("div", { class: "plain" }, task.output_text));
  }
  text.removeAttribute("aria-busy");
}

/** @param {import("../../scripts/text/sources.js").Source[]} sources @param {string} prefix */
function sourceList(sources, prefix) {
  const items = sources.map(({ id, name, href, host }) =>
    el("li", { id: prefix + id, tabindex: "-1", dir: "auto" }, href ? outward(href, name) : name, " ", el("span", { class: "source-host" }, host)),
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
