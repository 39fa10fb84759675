/** The answer to take away: copied, printed, or saved in any of its forms. */

import { el, say, setText } from "../../scripts/dom.js";
import { save } from "../../scripts/files.js";
import { isWhole } from "../../scripts/states.js";
import { copyButton } from "../copy-button/copy-button.js";

/** @typedef {import("../../scripts/api.js").Api} Api */

/** @param {import("../../scripts/types.js").Task} task @param {Api} api */
export function takeAway(task, api) {
  const whole = (/** @type {string} */ name, /** @type {"text/markdown"|"application/json"} */ type) =>
    download(name, () => api.document(task.id, "export", type));
  return el(
    "div",
    { class: "take-away", role: "group", "aria-label": "Take away" },
    task.output_text && copyButton({ name: "Copy as Markdown", quiet: true, text: () => task.output_text ?? "" }),
    whole("Download Markdown", "text/markdown"),
    whole("Download JSON", "application/json"),
    isWhole(task) && download("Download the raw response", () => api.document(task.id, "response", "application/json")),
    el("button", { type: "button", class: "quiet", click: () => print() }, "Print"),
  );
}

/** The same for all that belongs together. @param {string} id @param {Api} api */
export const threadDownloads = (id, api) =>
  el(
    "div",
    { class: "take-away", role: "group", "aria-label": "Take the thread away" },
    download("Download the thread as Markdown", () => api.document(id, "thread/export", "text/markdown")),
    download("Download the thread as JSON", () => api.document(id, "thread/export", "application/json")),
  );

/** @param {string} name @param {() => ReturnType<Api["document"]>} fetched */
function download(name, fetched) {
  const button = el("button", { type: "button", class: "quiet", click: run }, name);

  async function run() {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    try {
      save(await fetched());
      setText(button, name);
    } catch {
      setText(button, `${name}: it did not come. Try again`);
      say(button, "The file did not come.");
    }
    button.removeAttribute("aria-disabled");
  }

  return button;
}
