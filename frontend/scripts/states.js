/** What a task's state means, in words that promise nothing more than is known. */

/** @typedef {import("./types.js").TaskSummary} TaskSummary */
/** @typedef {"waiting"|"working"|"good"|"bad"|"unsure"|"quiet"} Tone */
/** @typedef {Tone|"paused"|"partial"} Sign drawn beside the word; the tone's own where none is named */
/** @typedef {{word: string, tone: Tone, sign?: Sign, says?: string, advice?: string}} Wording */

/**
 * A word's own entry in a table, whatever the word: it may come from a newer server or the provider.
 * @template Entry @param {Record<string, Entry>} table @param {string} word @returns {Entry|undefined}
 */
const entry = (table, word) => (Object.hasOwn(table, word) ? table[word] : undefined);

const ENDED = new Set(["completed", "incomplete", "failed", "cancelled"]);

/** Whether the task still changes by itself. @param {TaskSummary} task */
export const isOpen = (task) => !ENDED.has(task.status);

/** @param {TaskSummary} task */
export const providerName = (task) => (task.provider === "simulator" ? "The simulator" : "OpenAI");

/** @type {Record<string, {why: string, until: string}>} */
const PAUSES = {
  bad_key: { why: "OpenAI refuses the API key", until: "once OPENAI_API_KEY is mended and the poller restarted" },
  quota: { why: "the OpenAI account has no quota left", until: "once its billing is mended" },
  model_retired: { why: "OpenAI no longer offers the model", until: "once its name is changed in the code" },
  budget: { why: "today’s budget is used up", until: "when there is budget again" },
};

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
    says: `It is being sent to ${task.provider === "simulator" ? "the simulator" : "OpenAI"} now.`,
  }),
  in_progress: (task) => ({ word: "In progress", tone: "working", ...progress(task) }),
  unconfirmed: (task) => ({
    word: "Unconfirmed",
    tone: "unsure",
    says: `${providerName(task)} may or may not have received this. Backburner will not send it again by itself, because that could cost twice.`,
    advice:
      task.provider === "simulator"
        ? "Nothing was paid: start a new task from this conversation whenever you like."
        : `Look in the logs of the OpenAI dashboard for a response whose metadata says task_id ${task.id}. If there is one, its answer is there. If there is none, start a new task from this conversation.`,
  }),
  completed: () => ({ word: "Completed", tone: "good" }),
  incomplete: (task) => ({ word: "Incomplete", tone: "unsure", sign: "partial", ...shortfall(task) }),
  failed: (task) => ({ word: "Failed", tone: "bad", ...failure(task) }),
  cancelled: () => ({
    word: "Cancelled",
    tone: "quiet",
    says: "It was cancelled before it had an answer.",
    advice: "To have it answered after all, start a new task from this conversation.",
  }),
};

/** The state in clear words; `advice` is what to do, where there is something to do. @param {TaskSummary} task @returns {Wording} */
export function describe(task) {
  const wording = entry(WORDINGS, task.status);
  return wording ? wording(task) : { word: task.status, tone: "quiet", says: "This page does not know this state; reload it." };
}

/** @param {TaskSummary} task @returns {{says: string}} */
function progress(task) {
  const who = providerName(task);
  if (task.provider_status === "queued") return { says: `${who} has it and has not begun yet. You can close this page.` };
  if (task.provider_status === "in_progress" || task.provider_status === null)
    return { says: `${who} is working on it. This can take many minutes; you can close this page.` };
  return { says: `${who} says “${task.provider_status}”, a word that Backburner does not know. It keeps checking.` };
}

/** @param {TaskSummary} task @returns {{says: string, advice?: string}} */
function shortfall(task) {
  const code = task.error?.code;
  if (code === "max_output_tokens")
    return { says: "The model reached its limit of output tokens and stopped early. What it wrote until then is below.", advice: "A follow-up can ask it to go on." };
  if (code === "content_filter")
    return { says: "The provider’s content filter stopped the answer. What was written until then, if anything, is below.", advice: "Word the request differently in a new task." };
  return { says: "The provider ended the answer early. What was written until then, if anything, is below." };
}

const AGAIN = "Trying again makes a new task, with a cost of its own.";

/** @type {Record<string, {says: string, advice: string}>} */
const FAILURES = {
  deadline_exceeded: { says: "There was no answer before the deadline, so Backburner gave it up.", advice: AGAIN },
  response_not_found: { says: "The provider no longer has this response: it was deleted there, or kept too short.", advice: AGAIN },
  answer_too_large: { says: "The answer is larger than what Backburner keeps.", advice: "Ask for a shorter answer in a new task." },
  poisoned: { says: "Working on this task crashed the poller again and again, so it was set aside.", advice: "The poller’s log says why." },
  superseded: { says: "A person sent it again as a new task, so this one ended.", advice: "Look for the newer task in the list." },
  abandoned: { says: "A person gave it up while it was unconfirmed.", advice: AGAIN },
  insufficient_quota: { says: "The OpenAI account ran out of quota.", advice: `Mend its billing. ${AGAIN}` },
  rate_limit_exceeded: { says: "The provider was over its rate limit.", advice: AGAIN },
  server_error: { says: "The provider had an error of its own.", advice: AGAIN },
};

/** @param {TaskSummary} task @returns {{says: string, advice: string}} */
function failure(task) {
  return entry(FAILURES, task.error?.code ?? "") ?? { says: "It ended without an answer.", advice: AGAIN };
}
