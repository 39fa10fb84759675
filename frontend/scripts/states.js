/** What a task's state means, in words that promise nothing more than is known. */

import { isWatched } from "./afterwards.js";
import { cancellation, failure, shortfall } from "./endings.js";
import { entry } from "./lookup.js";
import { isSimulated, providerAtStart, providerName } from "./provider.js";

/** @typedef {import("./types.js").TaskSummary} TaskSummary */
/** @typedef {"waiting"|"working"|"good"|"bad"|"unsure"|"quiet"} Tone */
/** @typedef {Tone|"paused"|"partial"} Sign drawn beside the word; the tone's own where none is named */
/** @typedef {{word: string, tone: Tone, sign?: Sign, says?: string, advice?: string}} Wording */

const ENDED = new Set(["completed", "incomplete", "failed", "cancelled"]);

/** Whether the task has not ended yet. @param {TaskSummary} task */
export const isOpen = (task) => !ENDED.has(task.status);

/** Whether the provider is asked about it, now or soon. @param {TaskSummary} task */
export const isChecked = (task) => isOpen(task) || isWatched(task);

/** Whether there may be news of it without anybody doing anything. @param {TaskSummary} task */
export const isLive = (task) => isChecked(task) || task.deletion !== null || task.receipt?.settled === false;

/** Whether the provider has ended its response, and that is kept here. @param {TaskSummary} task */
export const isWhole = (task) => ENDED.has(task.provider_status ?? "") && !isChecked(task);

/** @type {Record<string, {why: string, until: string}>} */
const PAUSES = {
  bad_key: { why: "OpenAI refuses the API key", until: "once OPENAI_API_KEY is mended and the poller restarted" },
  quota: { why: "the OpenAI account has no quota left", until: "once its billing is mended" },
  model_retired: { why: "OpenAI no longer offers the model", until: "once its name is changed in the code" },
  no_token: { why: "the owner of the task has no valid token", until: "once there is a token for that owner again" },
  budget: { why: "today’s budget is used up", until: "when there is budget again, at midnight UTC at the latest" },
};

/** @param {string} reason */
export const knowsPause = (reason) => entry(PAUSES, reason) !== undefined;

/** Why nothing is sent and what ends it, in the middle of a sentence. @param {string} reason @param {string} waiting who waits */
export function pauseReason(reason, waiting) {
  const { why, until } = entry(PAUSES, reason) ?? { why: `sending is paused (${reason})`, until: "when that is over" };
  return `${why}. ${waiting} by itself ${until}.`;
}

/** @type {Record<string, (task: TaskSummary) => Wording>} */
const WORDINGS = {
  queued: (task) =>
    task.paused
      ? { word: "Paused", tone: "unsure", sign: "paused", says: `Nothing has been sent yet: ${pauseReason(task.paused, "The task goes on")}` }
      : { word: "Queued", tone: "waiting", says: "Accepted and kept. Nothing has been sent yet." },
  submitting: (task) => ({
    word: "Sending",
    tone: "working",
    says: `It is being sent to ${providerName(task)} now.`,
  }),
  in_progress: (task) => ({ word: "In progress", tone: "working", ...progress(task) }),
  unconfirmed: (task) => (task.adopting ? checking(task) : { word: "Unconfirmed", tone: "unsure", says: doubt(task) }),
  completed: () => ({ word: "Completed", tone: "good" }),
  incomplete: (task) => ({ word: "Incomplete", tone: "unsure", sign: "partial", ...shortfall(task) }),
  failed: (task) => ({ word: "Failed", tone: "bad", ...failure(task) }),
  cancelled: (task) => ({ word: "Cancelled", tone: "quiet", ...cancellation(task) }),
};

/** The state in clear words; `advice` is what to do, where there is something to do. @param {TaskSummary} task @returns {Wording} */
export function describe(task) {
  const wording = entry(WORDINGS, task.status);
  return wording ? wording(task) : { word: task.status, tone: "quiet", says: "This page does not know this state; reload it." };
}

/** @param {TaskSummary} task @returns {{says: string}} */
function progress(task) {
  const who = providerAtStart(task);
  if (task.provider_status === "queued") return { says: `${who} has it and has not begun yet. You can close this page.` };
  if (task.provider_status === "in_progress" || task.provider_status === null)
    return { says: `${who} is working on it. This can take many minutes; you can close this page.` };
  return { says: `${who} says “${task.provider_status}”, a word that Backburner does not know. It keeps checking.` };
}

/** @param {TaskSummary} task */
const doubt = (task) =>
  `${providerAtStart(task)} may or may not have received this. Backburner will not send it again by itself${isSimulated(task) ? "" : ", because that could cost twice"}.`;

/** @param {TaskSummary} task @returns {Wording} */
const checking = (task) => ({
  word: "Checking",
  tone: "unsure",
  sign: "working",
  says: `Backburner is asking ${providerName(task)} whether ${task.adopting} is this task’s response.`,
});
