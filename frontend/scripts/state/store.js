/** Everything the page shows, in one value; whoever shows it is told when it changes. */

/**
 * @typedef {object} State
 * @property {import("../format/sign-in-text.js").Lock|null} locked why nothing can be read before somebody signs in
 * @property {import("../router.js").Route} route
 * @property {import("../types.js").TaskSummary[]|null} tasks newest first; null until the first reading
 * @property {string|null} cursor where older tasks go on
 * @property {import("../types.js").Task|null} shown the task of the current address
 * @property {import("../types.js").TaskProgress|null} progress how the shown task goes; null until it is asked
 * @property {boolean} missing the current address names no task
 * @property {import("../types.js").Tombstone|null} tombstone the receipt, where the missing one was deleted
 * @property {import("../types.js").Readiness|null} readiness
 * @property {{message: string}|null} syncError why the last reading failed
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
