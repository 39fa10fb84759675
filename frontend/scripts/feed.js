/**
 * Keeps the store true by reading the API again and again.
 *
 * This is the only module that knows how news arrive: an event stream would replace it whole.
 */

import { Refused } from "./api.js";
import { isLive } from "./states.js";
import { appendOlder, isStale, mergeNewest, newer, nextReading, replaceOne } from "./task-collection.js";

/**
 * @param {object} parts
 * @param {import("./api.js").Api} parts.api
 * @param {import("./store.js").Store} parts.store
 * @param {() => boolean} parts.isVisible
 * @param {(run: () => void, ms: number) => () => void} parts.later runs something once, and returns what cancels it
 */
export function createFeed({ api, store, isVisible, later }) {
  let failures = 0;
  let round = 0;
  let cancel = () => {};

  /** Read now, and from now on at the right pace; a reading that was under way is forgotten. */
  async function refresh() {
    const mine = ++round;
    cancel();
    try {
      await Promise.all([readList(mine), readReadiness(mine)]);
      await readShown(mine);
      if (mine !== round) return;
      failures = 0;
      store.change({ trouble: null });
    } catch (error) {
      if (mine !== round) return;
      failures += 1;
      store.change({ trouble: { message: error instanceof Refused ? error.message : "" } });
    }
    const live = (store.state.tasks ?? []).some(isLive);
    cancel = later(refresh, nextReading({ live, visible: isVisible(), failures }));
  }

  /** @param {number} mine */
  async function readList(mine) {
    const page = await api.listTasks();
    if (mine !== round) return;
    const tasks = mergeNewest(store.state.tasks ?? [], page);
    const cursor = tasks.length > page.data.length ? store.state.cursor : page.next_cursor;
    store.change({ tasks, cursor });
  }

  /** @param {number} mine */
  async function readReadiness(mine) {
    const readiness = await api.readiness();
    if (mine === round) store.change({ readiness });
  }

  /** @param {number} mine */
  async function readShown(mine) {
    const { route, shown, tasks } = store.state;
    if (route.view !== "task") return;
    const listed = tasks?.find((task) => task.id === route.id);
    if (!isStale(shown, listed)) return;
    try {
      const task = await api.retrieveTask(route.id);
      if (mine === round) store.change({ shown: task, missing: false });
    } catch (error) {
      if (!(error instanceof Refused && error.status === 404)) throw error;
      if (mine === round) store.change({ missing: true });
    }
  }

  return {
    refresh,
    /** Show a task as the API has just given it, without waiting for the next reading. @param {import("./types.js").Task} task */
    accept(task) {
      const { tasks, shown } = store.state;
      store.change({ tasks: replaceOne(tasks ?? [], task), shown: shown && newer(shown, task) });
      refresh();
    },
    async readOlder() {
      const page = await api.listTasks(store.state.cursor);
      store.change({ tasks: appendOlder(store.state.tasks ?? [], page), cursor: page.next_cursor });
    },
  };
}

/** @typedef {ReturnType<typeof createFeed>} Feed */
