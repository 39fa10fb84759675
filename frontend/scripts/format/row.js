/** The short figures of a task in the list of all tasks. */

import { isOpen } from "../state/tasks.js";
import { dollars } from "./cost.js";
import { elapsed, stamp } from "./time.js";

/** @param {import("../types.js").TaskSummary} task @param {number} now */
export const rowFigures = (task, now) => ({
  lasted: elapsed(task, now),
  cost: paid(task),
  since: stamp(task.created_at, now),
});

/** What was paid. @param {import("../types.js").TaskSummary} task */
function paid(task) {
  if (task.provider === "simulator") return isOpen(task) ? "" : "nothing";
  if (task.cost_usd !== null) return dollars(task.cost_usd);
  if (isOpen(task)) return "";
  return task.receipt?.sent === "no" ? "nothing" : "unknown";
}
