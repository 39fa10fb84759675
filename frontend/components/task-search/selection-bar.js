/** What can be done with all selected tasks at once: `selectionBar({api, newKey, onDone})`. */

import { announce, el, setText } from "../../scripts/dom.js";
import { mayDelete, mayRetry } from "../../scripts/format/action-text.js";
import { explainAction } from "../../scripts/format/error-text.js";
import { isOpen } from "../../scripts/state/tasks.js";
import { confirmation } from "../buttons/buttons.js";

/** @typedef {import("../../scripts/types.js").TaskSummary} TaskSummary */
/** @typedef {{verb: string, isDangerous?: boolean, may: (task: TaskSummary) => boolean, call: (task: TaskSummary) => Promise<unknown>, terms: (count: number) => string}} Way */

/** @param {number} count */
const tasksOf = (count) => (count === 1 ? "1 task" : `${count} tasks`);

/** @param {{api: import("../../scripts/connection/api.js").Api, newKey: () => string, onDone: () => void, onClear: () => void}} parts */
export function selectionBar({ api, newKey, onDone, onClear }) {
  const count = el("strong", {});
  const news = el("p", { role: "status" });
  /** Of each task, so that a lost reply makes no second task. @type {Map<string, string>} */
  const keys = new Map();
  /** @type {TaskSummary[]} */
  let selected = [];
  let busy = false;
  const keyOf = (/** @type {string} */ id) => keys.get(id) ?? (keys.set(id, newKey()), /** @type {string} */ (keys.get(id)));

  /** @type {Way[]} */
  const ways = [
    { verb: "Cancel", isDangerous: true, may: (task) => isOpen(task) && task.status !== "unconfirmed", call: ({ id }) => api.cancelTask(id), terms: (number) => `${tasksOf(number)} will end without an answer. What was used so far may be charged.` },
    { verb: "Try again", may: mayRetry, call: ({ id }) => api.retryTask(id, keyOf(id)), terms: (number) => `${tasksOf(number)} will be sent again as new tasks, each with its own cost.` },
    { verb: "Delete", isDangerous: true, may: mayDelete, call: ({ id }) => api.deleteTask(id), terms: (number) => `${tasksOf(number)} will be deleted with conversation and answer, at the provider too. This cannot be undone.` },
  ];
  const asked = ways.map((way) => {
    const part = confirmation({ ask: `${way.verb}…`, yes: `Yes, ${way.verb.toLowerCase()}`, doing: "Working…", isDangerous: way.isDangerous, onYes: () => run(way.verb, selected.filter(way.may), way.call) });
    return { way, part };
  });
  const archive = el("button", { type: "button", class: "quiet", click: () => run("Archive", selected, ({ id, archived }) => api.updateTask(id, { archived: !archived })) });
  const exports = el("button", { type: "button", class: "quiet", click: save }, "Export");
  const clear = el("button", { type: "button", class: "quiet", click: onClear }, "Clear");
  const element = el("section", { class: "selection", "aria-label": "Selected tasks", hidden: true }, count, exports, archive, ...asked.map(({ part }) => part.element), clear, news);

  /** One after the other; what fails is named and the others go on. @param {string} verb @param {TaskSummary[]} tasks @param {(task: TaskSummary) => Promise<unknown>} call */
  async function run(verb, tasks, call) {
    if (busy) return;
    busy = true;
    /** @type {string[]} */
    const problems = [];
    for (const [index, task] of tasks.entries()) {
      setText(news, `${verb}: ${index + 1} of ${tasks.length}…`);
      await call(task).catch((error) => problems.push(`${task.title}: ${explainAction(error).summary}`));
    }
    busy = false;
    for (const { part } of asked) part.close();
    setText(news, problems.join(" "));
    announce(element, `${verb}: ${tasksOf(tasks.length - problems.length)} done.`);
    onDone();
  }

  async function save() {
    /** @type {string[]} */
    const documents = [];
    await run("Export", selected, async ({ id }) => documents.push((await api.document(id, "export", "text/markdown")).text));
    const url = URL.createObjectURL(new Blob([documents.join("\n\n")], { type: "text/markdown" }));
    el("a", { href: url, download: "backburner-tasks.md" }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  return {
    element,
    /** @param {TaskSummary[]} tasks */
    update(tasks) {
      selected = tasks;
      element.hidden = tasks.length === 0 && news.textContent === "";
      setText(count, `${tasks.length} selected`);
      setText(archive, tasks.length > 0 && tasks.every(({ archived }) => archived) ? "Unarchive" : "Archive");
      for (const { way, part } of asked) {
        const number = tasks.filter(way.may).length;
        part.element.hidden = number === 0;
        part.setTerms(way.terms(number));
      }
    },
  };
}
