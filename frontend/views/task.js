/** The view of one task: on its way, as it is, deleted, or never known. */

import { deleted } from "../components/task-view/deleted.js";
import { taskView } from "../components/task-view/task-view.js";
import { createActions } from "../scripts/actions.js";
import { message } from "../scripts/message.js";
import { describe } from "../scripts/states.js";
import { createSubmission } from "../scripts/submission.js";
import { withChecks } from "../scripts/task-collection.js";

/** @typedef {import("../scripts/page.js").View} View */
/** @typedef {import("../scripts/page.js").Parts} Parts */
/** @typedef {import("../scripts/store.js").State} State */

/** @param {Parts} parts @param {State} state @returns {View} */
export function view(parts, { shown, missing, tombstone }) {
  if (missing && tombstone) return receiptOf(tombstone);
  if (missing) return message("No such task", "Backburner has no task with this address. It may have been removed.");
  return shown ? opened(parts, shown) : message("Loading…", "", null);
}

/** @param {Parts} parts @param {import("../scripts/types.js").Task} task @returns {View} */
function opened({ api, starting, acting, away, serverNow }, task) {
  const { element, heading, update } = taskView({
    task,
    api,
    away,
    start: (more) => createSubmission({ ...starting, ...more }),
    act: (more) => createActions({ ...acting, ...more }),
  });
  const latest = (/** @type {State} */ { shown, tasks }) => withChecks(shown ?? task, tasks?.find(({ id }) => id === task.id));
  return {
    element,
    focus: () => heading.focus(),
    title: (state) => `${describe(latest(state)).word}: ${task.title}`,
    update: (state) => update(latest(state), serverNow(), state.outlook),
  };
}

/** @param {import("../scripts/types.js").Tombstone} tombstone @returns {View} */
function receiptOf(tombstone) {
  const { element, heading } = deleted(tombstone);
  return { element, focus: () => heading.focus(), title: () => "Deleted" };
}
