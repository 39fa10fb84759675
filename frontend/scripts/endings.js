/** How a task can end without a whole answer, told with what follows from it. */

import { afterwards, isLateAnswer } from "./afterwards.js";
import { entry } from "./lookup.js";
import { providerAtStart } from "./provider.js";

/** @typedef {import("./types.js").TaskSummary} TaskSummary */
/** @typedef {{word?: string, tone?: import("./states.js").Tone, says: string, advice?: string}} Ending */

/** Why the answer is not whole. @param {TaskSummary} task @returns {Ending} */
export function shortfall(task) {
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
  const ending = entry(FAILURES, task.error?.code ?? "") ?? { says: "It ended without an answer.", advice: AGAIN };
  return { ...ending, says: told(ending.says, afterwards(task)) };
}

/** @param {TaskSummary} task @returns {Ending} */
export function cancellation(task) {
  return {
    says: task.receipt ? told("It was cancelled.", afterwards(task)) : `${providerAtStart(task)} cancelled it.`,
    advice: isLateAnswer(task) ? undefined : "To have it answered after all, try again below.",
  };
}

/** @param {string[]} sentences */
const told = (...sentences) => sentences.filter(Boolean).join(" ");
