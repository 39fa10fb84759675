/** A thread as lines to read: a chain goes straight down, and each branch of it one step in. */

/** @typedef {import("./types.js").TaskSummary} TaskSummary */
/** @typedef {{task: TaskSummary, depth: number, how: "begins"|"goes on"|"sent again", branch: {number: number, of: number}|null}} Line */

/** @param {TaskSummary[]} tasks oldest first @returns {Line[]} every task once, each after what it goes on from */
export function linesOf(tasks) {
  const known = new Set(tasks.map(({ id }) => id));
  const above = (/** @type {TaskSummary} */ { parent_id, retry_of }) => [retry_of, parent_id].find((id) => id !== null && known.has(id)) ?? null;
  /** @type {Map<string|null, TaskSummary[]>} */
  const children = new Map();
  for (const task of tasks) children.set(above(task), [...(children.get(above(task)) ?? []), task]);
  /** @type {Line[]} */
  const lines = [];
  const waiting = below(null, 0);
  while (waiting.length > 0) {
    const line = /** @type {Line} */ (waiting.pop());
    lines.push(line);
    waiting.push(...below(line.task.id, line.depth));
  }
  return lines;

  /** Last first, to be taken from the end. @param {string|null} id @param {number} depth @returns {Line[]} */
  function below(id, depth) {
    const found = children.get(id) ?? [];
    const branches = id !== null && found.length > 1;
    return found
      .map((task, index) => ({ task, depth: depth + Number(branches), how: tie(task), branch: branches ? { number: index + 1, of: found.length } : null }))
      .reverse();
  }
}

/** @param {TaskSummary} task @returns {Line["how"]} */
const tie = ({ parent_id, retry_of }) => (retry_of ? "sent again" : parent_id ? "goes on" : "begins");
