/** The answer as it reads best, and the sources it names. */

import { isLateAnswer } from "../../scripts/afterwards.js";
import { el } from "../../scripts/dom.js";
import { sourcesOf } from "../../scripts/sources.js";
import { insertAnswer } from "./answer-html.js";

/** @typedef {import("../../scripts/types.js").Task} Task */

/** @param {Task} task @param {import("../../scripts/api.js").Api} api @returns {Element[]} */
export function answer(task, api) {
  if (!task.output_text?.trim()) {
    return task.status === "completed" ? [el("p", {}, "The model ended without writing any text.")] : [];
  }
  const text = el("div", { class: "answer-text", dir: "auto", "aria-busy": "true", click: followNote }, "Loading the answer…");
  fill(text, task, api);
  const section = el("section", { class: "answer", "aria-labelledby": "answer-heading" });
  section.append(el("h2", { id: "answer-heading" }, isLateAnswer(task) ? "Late answer" : "Answer"), text, ...sources(task.citations));
  return [section];
}

/** @param {HTMLElement} text @param {Task} task @param {import("../../scripts/api.js").Api} api */
async function fill(text, task, api) {
  try {
    insertAnswer(text, await api.retrieveAnswer(task.id));
  } catch {
    text.replaceChildren(el("p", { class: "hint" }, "Shown as plain text, because its formatted form could not be loaded."));
    text.append(el("div", { class: "plain" }, task.output_text));
  }
  text.removeAttribute("aria-busy");
}

/** A note's link moves to its source; the address stays the task's. @param {Event} event */
function followNote(event) {
  const link = /** @type {Element} */ (event.target).closest("a[href^='#']");
  if (!link) return;
  event.preventDefault();
  document.getElementById(/** @type {string} */ (link.getAttribute("href")).slice(1))?.focus();
}

/** @param {import("../../scripts/types.js").Citation[]} citations */
function sources(citations) {
  const items = sourcesOf(citations).map(({ id, name, href, host }) =>
    el("li", { id, tabindex: "-1", dir: "auto" }, href ? outward(href, name) : name, " ", el("span", { class: "source-host" }, host)),
  );
  return items.length === 0 ? [] : [el("h3", {}, "Sources"), el("ol", { class: "sources" }, ...items)];
}

/** @param {string} href @param {string} name */
const outward = (href, name) => el("a", { href, target: "_blank", rel: "noopener noreferrer nofollow" }, name);
