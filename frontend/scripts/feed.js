/**
 * Keeps the store true: by the event stream, and by reading the API where that tells nothing.
 *
 * A check that finds nothing new is no event, so the times of checks are read when one was due.
 */

import { Refused } from "./api.js";
import { isLive } from "./states.js";
import { appendOlder, isStale, mergeNewest, newer, nextReading, replaceOne } from "./task-collection.js";

/**
 * @param {object} parts
 * @param {import("./api.js").Api} parts.api
 * @param {import("./store.js").Store} parts.store
 * @param {() => boolean} parts.isVisible
 * @param {() => number} parts.serverNow
 * @param {(run: () => void, ms: number) => () => void} parts.later runs something once, and returns what cancels it
 */
export function createFeed({ api, store, isVisible, serverNow, later }) {
  let failures = 0;
  let streaming = false;
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
    const live = (store.state.tasks ?? []).filter(isLive);
    cancel = later(refresh, nextReading({ live, now: serverNow(), visible: isVisible(), streaming, failures }));
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
      if (!(error instanceof Refused && [404, 410].includes(error.status))) throw error;
      if (mine === round) store.change({ missing: true });
    }
  }

  /** @param {import("./types.js").TaskSummary} task */
  async function take(task) {
    store.change({ tasks: replaceOne(store.state.tasks ?? [], task) });
    if (store.state.route.view === "task" && store.state.route.id === task.id) await readShown(round);
  }

  return {
    refresh,
    /** @param {boolean} open whether the stream works */
    connected(open) {
      streaming = open;
      refresh();
    },
    /** What the stream says; whatever it cannot say is read. @param {import("./stream.js").StreamEvent} event */
    hear({ type, data }) {
      if (type === "task") take(data).catch(refresh);
      if (type === "deleted" || type === "resync") refresh();
    },
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
