/** What to call whoever answers a task: the simulator is never called OpenAI. */

/** @typedef {Pick<import("./types.js").TaskSummary, "provider">} Bound */

/** @param {Bound} task */
export const isSimulated = (task) => task.provider === "simulator";

/** Within a sentence. @param {Bound} task */
export const providerName = (task) => (isSimulated(task) ? "the simulator" : "OpenAI");

/** At its beginning. @param {Bound} task */
export const providerAtStart = (task) => (isSimulated(task) ? "The simulator" : "OpenAI");
