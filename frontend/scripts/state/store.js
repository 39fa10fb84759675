/** The state of the page in one value, with listeners for its changes. */

/**
 * @typedef {object} State
 * @property {import("../format/sign-in-text.js").Lock|null} locked why sign-in is needed; null when it is not
 * @property {import("../router.js").Route} route
 * @property {import("../types.js").TaskSummary[]|null} tasks newest first; null before the first reading
 * @property {import("../types.js").TaskSummary[]} openTasks open and pinned tasks, which may be older than these
 * @property {string|null} cursor of the next page of older tasks
 * @property {import("../types.js").Task|null} shown the task of the current address
 * @property {import("../types.js").TaskProgress|null} progress of the shown task; null before it is read
 * @property {boolean} missing no task has the current address
 * @property {import("../types.js").DeletionReceipt|null} receipt of a deleted task
 * @property {import("../types.js").Readiness|null} readiness
 * @property {{message: string}|null} syncError of the last reading
 */

/** @param {State} initial */
export function createStore(initial) {
  let state = initial;
  /** @type {((now: State, before: State) => void)[]} */
  const listeners = [];
  return {
    get state() {
      return state;
    },
    /** @param {Partial<State>} changes */
    change(changes) {
      const before = state;
      state = { ...state, ...changes };
      for (const listener of listeners) listener(state, before);
    },
    /** @param {(now: State, before: State) => void} listener */
    subscribe(listener) {
      listeners.push(listener);
    },
  };
}

/** @typedef {ReturnType<typeof createStore>} Store */
