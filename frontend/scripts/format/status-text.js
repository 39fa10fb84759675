/** Texts for a task's status: a label, an explanation, and what to do. */

import { isLateAnswer, isWatched } from "../state/tasks.js";
import { stamp } from "./time.js";

/** @typedef {import("../types.js").TaskSummary} TaskSummary */
/** @typedef {"waiting"|"working"|"good"|"bad"|"unsure"|"quiet"} Tone */
/** @typedef {Tone|"paused"|"partial"} Sign drawn beside the label; the tone's own by default */
/** @typedef {Pick<TaskSummary, "provider">} Bound */
/** @typedef {{word?: string, tone?: Tone, says: string, advice?: string}} Ending */
/** @typedef {{word: string, tone: Tone, sign?: Sign, says?: string, advice?: string}} Wording */

/**
 * An own property of a table: keys come from the API and may be "constructor".
 * @template Entry @param {Record<string, Entry>} table @param {string} word @returns {Entry|undefined}
 */
const own = (table, word) => (Object.hasOwn(table, word) ? table[word] : undefined);

/** @param {Bound} task */
export const isSimulated = (task) => task.provider === "simulator";

/** Inside a sentence; the simulator is never called OpenAI. @param {Bound} task */
export const providerName = (task) => (isSimulated(task) ? "the simulator" : "OpenAI");

/** At the beginning of a sentence. @param {Bound} task */
export const providerAtStart = (task) => (isSimulated(task) ? "The simulator" : "OpenAI");

/** @type {Record<string, {why: string, until: string}>} */
const PAUSES = {
  bad_key: { why: "the API key is rejected", until: "when OPENAI_API_KEY is corrected and the poller restarted" },
  quota: { why: "the account has no quota left", until: "when its billing is fixed" },
  model_retired: { why: "the model is no longer offered", until: "when the model name is changed in the code" },
  provider_refuses: { why: "the provider, or a gateway before it, refuses every task", until: "when the cause is removed" },
  no_token: { why: "the owner of the task has no valid token", until: "when that owner has a token again" },
  budget: { why: "today’s budget is used up", until: "when budget is free again, at midnight UTC at the latest" },
};

/** Why sending is paused and what ends it. @param {string} reason @param {string} subject of the second sentence */
export function pauseReason(reason, subject) {
  const { why, until } = own(PAUSES, reason) ?? { why: `sending is paused (${reason})`, until: "when sending resumes" };
  return `${why}. ${subject} ${until}.`;
}

/** @type {Record<string, (task: TaskSummary) => Wording>} */
const WORDINGS = {
  queued: (task) =>
    task.paused
      ? { word: "Paused", tone: "unsure", sign: "paused", says: joinSentences(`Nothing has been sent yet: ${pauseReason(task.paused, "The task is sent")}`, refusal(task)) }
      : task.waiting
      ? { word: "Waiting", tone: "unsure", says: joinSentences("Nothing has been sent yet.", refusal(task)) }
      : { word: "Queued", tone: "waiting", says: "Accepted and stored. Nothing has been sent yet." },
  submitting: (task) => ({
    word: "Sending",
    tone: "working",
    says: `Backburner is sending it to ${providerName(task)}.`,
  }),
  in_progress: (task) =>
    task.waiting
      ? { word: "In progress", tone: "unsure", sign: "working", says: joinSentences("Its latest checks got no usable answer.", refusal(task)) }
      : { word: "In progress", tone: "working", ...progress(task) },
  unconfirmed: (task) => (task.adopting ? checking(task) : { word: "Unconfirmed", tone: "unsure", says: doubt(task) }),
  completed: (task) => own(ANSWERS_WITHOUT_TEXT, answerKind(task)) ?? { word: "Completed", tone: "good" },
  incomplete: (task) => ({ word: "Incomplete", tone: "unsure", sign: "partial", ...incompleteText(task) }),
  failed: (task) => ({ word: "Failed", tone: "bad", ...failure(task) }),
  cancelled: (task) => ({ word: "Cancelled", tone: "quiet", ...cancellation(task) }),
};

/** What a task that is completed may have instead of an answer. @type {Record<string, Wording>} */
const ANSWERS_WITHOUT_TEXT = {
  refusal: { word: "Refused", tone: "unsure", says: "The model refused to answer. Its words are below.", advice: "Word the request differently in a new task." },
  empty: { word: "No text", tone: "unsure", sign: "partial", says: "The model ended without writing any text.", advice: "Trying again makes a new task with its own cost." },
};

/** Tasks of earlier versions do not say it; a task with its texts shows it. @param {TaskSummary & {output_text?: string|null}} task */
const answerKind = ({ answer_kind: kind, output_text: text }) => kind ?? (text === null ? "empty" : "");

/** Whether a person has to decide what happens to the task. @param {TaskSummary} task */
export const needsDecision = (task) =>
  task.status === "unconfirmed" || (task.status === "queued" && task.paused !== null) || (task.status === "failed" && task.error?.code !== "superseded" && task.error?.code !== "abandoned");

/** The text of a status; `advice` says what to do, if anything. @param {TaskSummary} task @returns {Wording} */
export function describe(task) {
  const wording = own(WORDINGS, task.status);
  return wording ? wording(task) : { word: task.status, tone: "quiet", says: "This page does not know this status. Reload it." };
}

/** What the provider said last, and when it is tried again. @param {TaskSummary} task */
function refusal({ waiting }) {
  if (!waiting) return "";
  const { message, attempts, next_attempt_at: next } = waiting;
  const tried = attempts > 0 ? `Tried ${attempts === 1 ? "once" : `${attempts} times`}` : "Not tried yet";
  return `${message} ${tried}${next ? `, next at ${stamp(next, Date.parse(next))}` : ""}.`;
}

/** The provider's words for a response that has ended. */
const PROVIDER_ENDINGS = new Set(["completed", "incomplete", "failed", "cancelled"]);

/** @param {TaskSummary} task @returns {{says: string}} */
function progress(task) {
  const who = providerAtStart(task);
  if (task.provider_status === "queued") return { says: `${who} has accepted it and not started yet. You can close this page.` };
  if (task.provider_status === "in_progress" || task.provider_status === null)
    return { says: `${who} is working on it. This can take many minutes; you can close this page.` };
  if (PROVIDER_ENDINGS.has(task.provider_status))
    return { says: `${who} reports that it has ended (“${task.provider_status}”). Backburner has not stored the result yet; polling continues.` };
  return { says: `${who} reports “${task.provider_status}”, a status that Backburner does not know. Polling continues.` };
}

/** @param {TaskSummary} task */
const doubt = (task) =>
  `${providerAtStart(task)} may or may not have received this. Backburner does not send it again without your decision${isSimulated(task) ? "" : ", because it could be paid twice"}.`;

/** @param {TaskSummary} task @returns {Wording} */
const checking = (task) => ({
  word: "Checking",
  tone: "unsure",
  sign: "working",
  says: `Backburner is asking ${providerName(task)} whether ${task.adopting} is this task’s response.`,
});

/** A sentence for each task whose status changed or that got a late answer. @param {TaskSummary[]} before @param {TaskSummary[]} after */
export function statusChanges(before, after) {
  const words = new Map(before.map((task) => [task.id, statusLabel(task)]));
  return after
    .filter((task) => words.has(task.id) && words.get(task.id) !== statusLabel(task))
    .map((task) => `${task.title}: ${statusLabel(task)}.`);
}

/** @param {TaskSummary} task */
const statusLabel = (task) => describe(task).word + (isLateAnswer(task) ? ", with a late answer" : "");

/** Why the answer is incomplete. @param {TaskSummary} task @returns {Ending} */
export function incompleteText(task) {
  const code = task.error?.code;
  if (code === "max_output_tokens")
    return { says: "The model reached its limit of output tokens and stopped early. What it wrote until then is below.", advice: "A follow-up can ask it to go on." };
  if (code === "content_filter")
    return { says: "The provider’s content filter stopped the answer. What was written until then, if anything, is below.", advice: "Word the request differently in a new task." };
  return { says: "The provider ended the answer early. What was written until then, if anything, is below." };
}

const AGAIN = "Trying again makes a new task with its own cost.";

/** @type {Record<string, Ending>} */
const FAILURES = {
  deadline_exceeded: { says: "No answer arrived before the deadline.", advice: AGAIN },
  response_not_found: { says: "The provider no longer has this response: it was deleted there or has expired.", advice: AGAIN },
  answer_too_large: { says: "The answer is larger than Backburner stores.", advice: "Ask for a shorter answer in a new task." },
  request_too_large: { says: "The request has more tokens than the account may send in a minute.", advice: "Shorten it, or raise the limit at the provider." },
  poisoned: { says: "Processing this task crashed the poller repeatedly, so Backburner stopped it.", advice: "See the poller’s log." },
  superseded: { word: "Sent again", tone: "quiet", says: "It was sent again as a new task." },
  abandoned: { word: "Given up", tone: "quiet", says: "It was given up while unconfirmed.", advice: AGAIN },
  not_taken: { says: "The provider did not accept it, and Backburner learned this too late to retry.", advice: "Nothing was paid. Trying again makes a new task." },
  insufficient_quota: { says: "The account at the provider has no quota left.", advice: `Fix its billing. ${AGAIN}` },
  rate_limit_exceeded: { says: "The rate limit of the provider was exceeded.", advice: AGAIN },
  server_error: { says: "The provider had an internal error.", advice: AGAIN },
};

/** Why the task failed. @param {TaskSummary} task @returns {Ending} */
export function failure(task) {
  const ending = own(FAILURES, task.error?.code ?? "") ?? { says: "It ended without an answer.", advice: AGAIN };
  return { ...ending, says: joinSentences(ending.says, task.receipt?.message) };
}

/** @param {TaskSummary} task @returns {Ending} */
export function cancellation(task) {
  return {
    says: task.receipt ? joinSentences("It was cancelled.", task.receipt?.message) : `${providerAtStart(task)} cancelled it.`,
    advice: isLateAnswer(task) ? undefined : "To get an answer, try again below.",
  };
}

/** @param {(string|undefined)[]} sentences */
const joinSentences = (...sentences) => sentences.filter(Boolean).join(" ");

