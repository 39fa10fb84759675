/** What became at the provider of a task that was ended here: its receipt tells it. */

/** @typedef {import("./types.js").TaskSummary} TaskSummary */

const FINISHED = new Set(["completed", "incomplete"]);

/** Whether the provider is still asked how it ended there. @param {TaskSummary} task */
export const isWatched = (task) => task.completed_at !== null && task.next_poll_at !== null;

/** Whether an answer came after our own end. @param {TaskSummary} task */
export const isLateAnswer = ({ receipt, provider_status }) => receipt !== null && FINISHED.has(provider_status ?? "");

/** A sentence or two, or none where the provider ended it. @param {TaskSummary} task */
export const afterwards = ({ receipt }) => receipt?.message ?? "";
