/** What became at the provider of a task that was ended here: such a task may still cost, or even answer. */

import { cost } from "./figures.js";
import { isSimulated, providerAtStart, providerName } from "./provider.js";

/** @typedef {import("./types.js").TaskSummary} TaskSummary */

const FINISHED = new Set(["completed", "incomplete"]);
const OUR_CODES = new Set(["deadline_exceeded", "response_not_found", "abandoned", "superseded", "poisoned"]);

/** Whether the provider is still asked how it ended there. @param {TaskSummary} task */
export const isWatched = (task) => task.completed_at !== null && task.next_poll_at !== null;

/** @param {TaskSummary} task */
const endedHere = ({ status, error }) => status === "cancelled" || (status === "failed" && OUR_CODES.has(error?.code ?? ""));

/** Whether an answer came after our own end. @param {TaskSummary} task */
export const isLateAnswer = (task) => endedHere(task) && FINISHED.has(task.provider_status ?? "");

/** One sentence or two, or none where nothing is to be said. @param {TaskSummary} task */
export function afterwards(task) {
  const who = providerAtStart(task);
  if (!endedHere(task)) return "";
  if (task.response_id === null) return task.error?.code === "abandoned" ? leftThere(task) : "";
  if (isLateAnswer(task)) return `${who} finished it all the same; ${price(task)}.`;
  if (task.error?.code === "response_not_found") return "";
  if (isWatched(task)) return watching(task, who);
  if (task.provider_status === "cancelled") return `${who} has stopped it; ${price(task)}.`;
  return `How ${providerName(task)} ended it is not known${lastWord(task)}.`;
}

/** @param {TaskSummary} task */
const leftThere = (task) =>
  `An answer, if there is one, stays with ${providerName(task)}${isSimulated(task) ? "" : ", and its cost with you"}.`;

/** @param {TaskSummary} task @param {string} who */
function watching(task, who) {
  if (task.provider_status === "cancelled")
    return `${who} has stopped it. Backburner keeps looking for a while, in case it is finished all the same.`;
  const charge = isSimulated(task) ? "" : " What it used until then may be charged; the cost is shown here once it is known.";
  return `${who} is asked to stop${lastWord(task)}.${charge}`;
}

/** @param {TaskSummary} task */
const price = (task) => (task.cost_usd === null ? "what it cost is not known" : `it cost ${cost(task)}`);

/** @param {TaskSummary} task */
const lastWord = ({ provider_status }) => (provider_status ? `; its last word was “${provider_status}”` : "");
