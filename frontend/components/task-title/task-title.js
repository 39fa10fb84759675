/** Renames a task where its title stands: `renameTitle(heading, save)`; Enter saves, Escape leaves it. Loaded when it is first wanted. */

import { el } from "../../scripts/dom.js";

const MAX_LENGTH = 200; // the API's

/** @param {HTMLElement} heading @param {(title: string) => Promise<unknown>} save rejects when the title is not kept */
export function renameTitle(heading, save) {
  const before = heading.textContent ?? "";
  const field = el("input", { class: "rename", "aria-label": "Title", dir: "auto", maxlength: String(MAX_LENGTH), value: before });
  let isDone = false;
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
    event.preventDefault();
    end(event.key === "Enter");
    heading.focus();
  });
  field.addEventListener("blur", () => end(true));
  heading.hidden = true;
  heading.after(field);
  field.focus();
  field.select();

  /** @param {boolean} keep */
  function end(keep) {
    if (isDone) return;
    isDone = true;
    const title = field.value.trim();
    field.remove();
    heading.hidden = false;
    if (!keep || !title || title === before) return;
    heading.textContent = title;
    save(title).catch(() => (heading.textContent = before));
  }
}
