/** The short figures of a task in the list of all tasks. */

import { isOpen } from "../state/tasks.js";
import { cost } from "./cost.js";
import { elapsed, stamp } from "./time.js";

/** @param {import("../types.js").TaskSummary} task @param {number} now */
export const rowFigures = (task, now) => ({
  lasted: elapsed(task, now),
  cost: paid(task),
  since: stamp(task.created_at, now),
});

/** What was paid, in the words of the task's facts. @param {import("../types.js").TaskSummary} task */
function paid(task) {
  if (isOpen(task)) return "";
  return task.provider === "simulator" ? "nothing" : cost(task).split(/[:;]/)[0];
}
