/** Actions on a task: rename, pin and archive; retry and delete when it has ended; copies, downloads and print. */

import { announce, el, setText } from "../../scripts/dom.js";
import { retryTerms, deleteTerms } from "../../scripts/format/action-text.js";
import { hasFinalResponse } from "../../scripts/state/tasks.js";
import { confirmation, copyButton } from "../buttons/buttons.js";

/** @typedef {import("../../scripts/connection/api.js").Api} Api */

/** @param {{actions: import("../../scripts/state/actions.js").Actions}} parts */
export function taskActions({ actions }) {
  const again = confirmation({ ask: "Try again…", yes: "Yes, try again", doing: "Sending…", onYes: actions.retry });
  const remove = confirmation({ ask: "Delete it…", yes: "Yes, delete it", doing: "Deleting…", isDangerous: true, onYes: () => (unconfirmed ? actions.removeHere() : actions.remove()) });
  let unconfirmed = false; // the provider's side of its deletion
  /** @type {import("../../scripts/types.js").Task} */
  let current;
  const rename = el("button", { type: "button", class: "quiet", click: () => element.dispatchEvent(new CustomEvent("rename", { bubbles: true })) }, "Rename");
  const pin = el("button", { type: "button", class: "quiet", click: () => actions.mark({ pinned: !current.pinned }) });
  const archive = el("button", { type: "button", class: "quiet", click: () => actions.mark({ archived: !current.archived }) });
  const marks = el("div", { class: "task-marks" }, rename, pin, archive);
  const element = el("section", { class: "task-actions", "aria-label": "Actions" }, marks, again.element, remove.element);

  return {
    element,
    again: again.element,
    remove: remove.element,
    /** @param {import("../../scripts/types.js").Task} task @param {import("../../scripts/types.js").Estimate|null} estimate */
    update(task, estimate) {
      current = task;
      setText(pin, task.pinned ? "Unpin" : "Pin");
      setText(archive, task.archived ? "Unarchive" : "Archive");
      again.setTerms(retryTerms(task, estimate));
      unconfirmed = task.deletion !== null;
      remove.setTerms(deleteTerms(task));
    },
    /** @param {import("../../scripts/state/actions.js").ActionState} state */
    setBusy({ busy }) {
      again.setBusy(busy === "retry", busy !== null);
      remove.setBusy(busy === "delete", busy !== null);
    },
  };
}

/** @param {import("../../scripts/types.js").Task} task @param {Api} api */
export function exportActions(task, api) {
  const whole = (/** @type {string} */ name, /** @type {"text/markdown"|"application/json"} */ type) =>
    download(name, () => api.document(task.id, "export", type));
  return el(
    "div",
    { class: "export-actions", role: "group", "aria-label": "Export" },
    task.output_text && copyButton({ name: "Copy as Markdown", quiet: true, text: () => task.output_text ?? "" }),
    whole("Download Markdown", "text/markdown"),
    whole("Download JSON", "application/json"),
    hasFinalResponse(task) && download("Download the raw response", () => api.document(task.id, "response", "application/json")),
    el("button", { type: "button", class: "quiet", click: () => print() }, "Print"),
  );
}

/** The same for the whole thread. @param {string} id @param {Api} api */
export const threadExportActions = (id, api) =>
  el(
    "div",
    { class: "export-actions", role: "group", "aria-label": "Export the thread" },
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
      setText(button, `${name}: failed. Try again`);
      announce(button, "The download failed.");
    }
    button.removeAttribute("aria-disabled");
  }

  return button;
}

/** @param {{name: string, text: string, type: string}} file */
export function save({ name, text, type }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser may still be reading
}
