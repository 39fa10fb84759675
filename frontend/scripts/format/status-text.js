/** What a task's state means, in words that promise nothing more than is known. */

import { isLateAnswer, isWatched } from "../state/tasks.js";

/** @typedef {import("../types.js").TaskSummary} TaskSummary */
/** @typedef {"waiting"|"working"|"good"|"bad"|"unsure"|"quiet"} Tone */
/** @typedef {Tone|"paused"|"partial"} Sign drawn beside the word; the tone's own where none is named */
/** @typedef {Pick<TaskSummary, "provider">} Bound */
/** @typedef {{word?: string, tone?: Tone, says: string, advice?: string}} Ending */
/** @typedef {{word: string, tone: Tone, sign?: Sign, says?: string, advice?: string}} Wording */

/**
 * A word's own entry in a table, whatever the word: it may come from a newer server or the provider.
 * @template Entry @param {Record<string, Entry>} table @param {string} word @returns {Entry|undefined}
 */
const own = (table, word) => (Object.hasOwn(table, word) ? table[word] : undefined);

/** @param {Bound} task */
export const isSimulated = (task) => task.provider === "simulator";

/** Within a sentence. @param {Bound} task */
export const providerName = (task) => (isSimulated(task) ? "the simulator" : "OpenAI");

/** At its beginning. @param {Bound} task */
export const providerAtStart = (task) => (isSimulated(task) ? "The simulator" : "OpenAI");

/** @type {Record<string, {why: string, until: string}>} */
const PAUSES = {
  bad_key: { why: "OpenAI refuses the API key", until: "once OPENAI_API_KEY is mended and the poller restarted" },
  quota: { why: "the OpenAI account has no quota left", until: "once its billing is mended" },
  model_retired: { why: "OpenAI no longer offers the model", until: "once its name is changed in the code" },
  no_token: { why: "the owner of the task has no valid token", until: "once there is a token for that owner again" },
  budget: { why: "today’s budget is used up", until: "when there is budget again, at midnight UTC at the latest" },
};

/** @param {string} reason */
export const knowsPause = (reason) => own(PAUSES, reason) !== undefined;

/** Why nothing is sent and what ends it, in the middle of a sentence. @param {string} reason @param {string} waiting who waits */
export function pauseReason(reason, waiting) {
  const { why, until } = own(PAUSES, reason) ?? { why: `sending is paused (${reason})`, until: "when that is over" };
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
  incomplete: (task) => ({ word: "Incomplete", tone: "unsure", sign: "partial", ...incompleteText(task) }),
  failed: (task) => ({ word: "Failed", tone: "bad", ...failure(task) }),
  cancelled: (task) => ({ word: "Cancelled", tone: "quiet", ...cancellation(task) }),
};

/** The state in clear words; `advice` is what to do, where there is something to do. @param {TaskSummary} task @returns {Wording} */
export function describe(task) {
  const wording = own(WORDINGS, task.status);
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

/** One sentence per task whose word for its state changed, or which has a late answer. @param {TaskSummary[]} before @param {TaskSummary[]} after */
export function statusChanges(before, after) {
  const words = new Map(before.map((task) => [task.id, statusLabel(task)]));
  return after
    .filter((task) => words.has(task.id) && words.get(task.id) !== statusLabel(task))
    .map((task) => `${task.title}: ${statusLabel(task)}.`);
}

/** @param {TaskSummary} task */
const statusLabel = (task) => describe(task).word + (isLateAnswer(task) ? ", with a late answer" : "");

/** Why the answer is not whole. @param {TaskSummary} task @returns {Ending} */
export function incompleteText(task) {
  const code = task.error?.code;
  if (code === "max_output_tokens")
    return { says: "The model reached its limit of output tokens and stopped early. What it wrote until then is below.", advice: "A follow-up can ask it to go on." };
  if (code === "content_filter")
    return { says: "The provider’s content filter stopped the answer. What was written until then, if anything, is below.", advice: "Word the request differently in a new task." };
  return { says: "The provider ended the answer early. What was written until then, if anything, is below." };
}

const AGAIN = "Trying again makes a new task, with a cost of its own.";

/** @type {Record<string, Ending>} */
const FAILURES = {
  deadline_exceeded: { says: "There was no answer before the deadline, so Backburner gave it up.", advice: AGAIN },
  response_not_found: { says: "The provider no longer has this response: it was deleted there, or kept too short.", advice: AGAIN },
  answer_too_large: { says: "The answer is larger than what Backburner keeps.", advice: "Ask for a shorter answer in a new task." },
  poisoned: { says: "Working on this task crashed the poller again and again, so it was set aside.", advice: "The poller’s log says why." },
  superseded: { word: "Sent again", tone: "quiet", says: "A person had it sent again as a new task, so this one ended." },
  abandoned: { word: "Given up", tone: "quiet", says: "A person gave it up while it was unconfirmed.", advice: AGAIN },
  not_taken: { says: "The provider did not take it, which was known too late to try again by itself.", advice: "Nothing was paid. Trying again makes a new task." },
  insufficient_quota: { says: "The OpenAI account ran out of quota.", advice: `Mend its billing. ${AGAIN}` },
  rate_limit_exceeded: { says: "The provider was over its rate limit.", advice: AGAIN },
  server_error: { says: "The provider had an error of its own.", advice: AGAIN },
};

/** Why there is none. @param {TaskSummary} task @returns {Ending} */
export function failure(task) {
  const ending = own(FAILURES, task.error?.code ?? "") ?? { says: "It ended without an answer.", advice: AGAIN };
  return { ...ending, says: joinSentences(ending.says, task.receipt?.message) };
}

/** @param {TaskSummary} task @returns {Ending} */
export function cancellation(task) {
  return {
    says: task.receipt ? joinSentences("It was cancelled.", task.receipt?.message) : `${providerAtStart(task)} cancelled it.`,
    advice: isLateAnswer(task) ? undefined : "To have it answered after all, try again below.",
  };
}

/** @param {(string|undefined)[]} sentences */
const joinSentences = (...sentences) => sentences.filter(Boolean).join(" ");

