/** The path through a thread on which a task lies: what came before it, beside it and after it. */

/** @typedef {import("../types.js").ThreadTask} ThreadTask */
/** @typedef {{above: ThreadTask[], below: ThreadTask[], siblings: (task: ThreadTask) => ThreadTask[]}} ThreadPath */

/**
 * Retries stand beside what they repeat, and so does a branch: a copy with other words, which has no more messages than its parent.
 * @param {ThreadTask[]} tasks oldest first @param {string} id of the current task @returns {ThreadPath} `below` follows the newest each time
 */
export function threadPath(tasks, id) {
  const known = new Map(tasks.map((task) => [task.id, task]));
  /** @type {Map<string|null, ThreadTask[]>} */
  const children = new Map();
  for (const task of tasks) {
    const above = origin(task)?.id ?? null;
    children.set(above, [...(children.get(above) ?? []), task]);
  }
  const above = [];
  for (let at = origin(known.get(id)); at; at = origin(at)) above.unshift(at);
  const below = [];
  for (let at = children.get(id)?.at(-1); at; at = children.get(at.id)?.at(-1)) below.push(at);
  return { above, below, siblings: (task) => children.get(origin(task)?.id ?? null) ?? [task] };

  /** The task that this one continues. @param {ThreadTask|undefined} task @returns {ThreadTask|null} */
  function origin(task) {
    let at = task;
    while (at) {
      const retried = known.get(at.retry_of ?? "");
      const parent = known.get(at.parent_id ?? "");
      if (!retried && (!parent || !isBranch(at, parent))) return parent ?? null;
      at = retried ?? parent;
    }
    return null;
  }
}

/** @param {ThreadTask} task @param {ThreadTask} parent */
const isBranch = ({ messages }, parent) => messages !== null && parent.messages !== null && messages <= parent.messages;

/**
 * The messages of a task that its parent's turn does not show; null if it does not continue the parent as that is now.
 * @param {Pick<import("../types.js").Task, "input">} task @param {Pick<import("../types.js").Task, "input"|"output_text">} parent @returns {import("../types.js").Message[]|null}
 */
export function ownMessages(task, parent) {
  const count = parent.input.length;
  const isSame = JSON.stringify(task.input.slice(0, count)) === JSON.stringify(parent.input);
  const reply = task.input[count];
  const isReply = reply?.role === "assistant" && JSON.stringify(reply.content).includes(JSON.stringify(parent.output_text ?? "").slice(1, -1));
  return isSame && isReply ? task.input.slice(count + 1) : null;
}
