/** Actions on a task: one at a time, safe to repeat, explained when refused. */

import { explainAction } from "../format/error-text.js";

/** @typedef {"cancel"|"adopt"|"retry"|"abandon"|"delete"|"mark"} Action */
/** @typedef {{busy: Action|null, explanation: ReturnType<typeof explainAction>|null}} ActionState */

/**
 * @param {object} parts
 * @param {string} parts.id
 * @param {import("../connection/api.js").Api} parts.api
 * @param {() => string} parts.newKey
 * @param {(task: import("../types.js").Task) => void} parts.onChanged receives the changed task
 * @param {() => unknown} [parts.place] where the person is
 * @param {(task: import("../types.js").Task, askedFrom: unknown) => void} parts.onRetried receives the new task
 * @param {(receipt: import("../types.js").DeletionReceipt) => void} parts.onDeleted receives the receipt of the deleted task
 * @param {() => void} parts.onFailed
 * @param {(state: ActionState) => void} parts.onState
 */
export function createActions({ id, api, newKey, place = () => null, onChanged, onRetried, onDeleted, onFailed, onState }) {
  /** @type {Action|null} */
  let busy = null;
  const key = newKey(); // the same for every attempt, so that a lost reply makes no second task

  /**
   * @template Reply
   * @param {Action} action
   * @param {() => Promise<Reply>} call
   * @param {(reply: Reply, askedFrom: unknown) => void} onDone
   */
  async function run(action, call, onDone) {
    if (busy) return;
    busy = action;
    const askedFrom = place();
    onState({ busy, explanation: null });
    let reply;
    try {
      reply = await call();
    } catch (error) {
      busy = null;
      onState({ busy, explanation: explainAction(error) });
      return onFailed();
    }
    busy = null;
    onState({ busy, explanation: null });
    onDone(reply, askedFrom);
  }

  /** @param {import("../types.js").Task|import("../types.js").DeletionReceipt} reply */
  const onRemoved = (reply) => ("status" in reply ? onChanged(reply) : onDeleted(reply));

  return {
    cancel: () => run("cancel", () => api.cancelTask(id), onChanged),
    abandon: () => run("abandon", () => api.abandonTask(id), onChanged),
    retry: () => run("retry", () => api.retryTask(id, key), onRetried),
    remove: () => run("delete", () => api.deleteTask(id), onRemoved),
    removeHere: () => run("delete", () => api.deleteTask(id, true), onRemoved),
    /** @param {import("../types.js").Marks} marks */
    mark: (marks) => run("mark", () => api.updateTask(id, marks), onChanged),
    /** @param {string} responseId */
    adopt: (responseId) => run("adopt", () => api.adoptResponse(id, responseId), onChanged),
  };
}

/** @typedef {ReturnType<typeof createActions>} Actions */
/** @typedef {(parts: Pick<Parameters<typeof createActions>[0], "id"|"onState">) => Actions} Act */
