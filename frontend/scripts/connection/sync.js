/**
 * Keeps the store in sync with the API, by the event stream and by reading.
 *
 * A poll that finds nothing new sends no event, so the list is read again when a poll was due.
 */

import { appendOlder, isLive, isStale, mergeNewest, newer, nextReadDelay, replaceOne } from "../state/tasks.js";
import { Refused } from "./api.js";

/** Milliseconds for which progress is fresh while no poll has updated it. */
const PROGRESS_TTL_MS = 60_000;

/** Between two readings of the open and pinned tasks that the list does not reach; events tell their changes. */
const OPEN_READ_MS = 60_000;

/** @type {import("../types.js").Status[]} */
const OPEN = ["unconfirmed", "in_progress", "queued"];

/**
 * @param {object} parts
 * @param {import("./api.js").Api} parts.api
 * @param {import("../state/store.js").Store} parts.store
 * @param {() => boolean} parts.isVisible
 * @param {() => number} parts.serverNow
 * @param {(run: () => void, ms: number) => () => void} parts.schedule runs once after `ms`; returns a function that cancels
 */
export function createSync({ api, store, isVisible, serverNow, schedule }) {
  let failures = 0;
  let streaming = false;
  let round = 0;
  let progressReadAt = 0;
  let openReadAt = -Infinity;
  let cancel = () => {};

  /** Read now and schedule the next reading; the result of a reading under way is dropped. */
  async function refresh() {
    const mine = ++round;
    cancel();
    if (store.state.locked) return;
    try {
      const opening = store.state.shown === null ? readShown(mine) : null; // does not wait for the list
      await Promise.all([readList(mine), readReadiness(mine), opening]);
      if (opening === null) await readShown(mine);
      await readProgress(mine);
      await readOpen(mine);
      if (mine !== round) return;
      failures = 0;
      store.change({ syncError: null });
    } catch (error) {
      if (mine !== round || store.state.locked) return;
      failures += 1;
      store.change({ syncError: { message: error instanceof Refused ? error.message : "" } });
    }
    const live = [...(store.state.tasks ?? []), ...store.state.openTasks].filter(isLive);
    cancel = schedule(refresh, nextReadDelay({ live, now: serverNow(), visible: isVisible(), streaming, failures }));
  }

  /** @param {number} mine */
  async function readList(mine) {
    const page = await api.listTasks();
    if (mine !== round) return;
    const tasks = mergeNewest(store.state.tasks ?? [], page);
    const cursor = tasks.length > page.data.length ? store.state.cursor : page.next_cursor;
    store.change({ tasks, cursor });
  }

  /** Open and pinned tasks that are older than the list. @param {number} mine */
  async function readOpen(mine) {
    if (store.state.cursor === null || serverNow() - openReadAt < OPEN_READ_MS) return;
    const pages = await Promise.all([...OPEN.map((status) => ({ status })), { pinned: true }].map((filter) => api.listTasks(null, { ...filter, limit: 100 })));
    if (mine !== round) return;
    openReadAt = serverNow();
    const found = new Map(pages.flatMap(({ data }) => data.map((task) => [task.id, task])));
    store.change({ openTasks: [...found.values()] });
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
      const held = store.state.shown;
      if (mine === round) store.change({ shown: held ? newer(held, task) : task, missing: false }); // an older reading may come last
    } catch (error) {
      if (!(error instanceof Refused && [404, 410].includes(error.status))) throw error;
      if (mine === round) store.change({ missing: true, receipt: error.problem.receipt ?? null });
    }
  }

  /** After each poll or once a minute. A failure is ignored: the task shows without it. @param {number} mine */
  async function readProgress(mine) {
    const { shown, tasks, progress } = store.state;
    if (shown?.status !== "in_progress") return;
    const checked = (tasks?.find(({ id }) => id === shown.id) ?? shown).last_polled_at;
    if (progress?.checked_at === checked && serverNow() - progressReadAt < PROGRESS_TTL_MS) return;
    const found = await api.progress(shown.id).catch(() => progress);
    if (mine !== round || store.state.shown?.id !== shown.id) return;
    progressReadAt = serverNow();
    store.change({ progress: found });
  }

  /** @param {import("../types.js").TaskSummary} task */
  async function onTask(task) {
    const { tasks, openTasks } = store.state;
    store.change({ tasks: replaceOne(tasks ?? [], task), openTasks: openTasks.map((open) => newer(open, task)) });
    if (store.state.route.view === "task" && store.state.route.id === task.id) await readShown(round).then(() => readProgress(round));
  }

  /** Show a task that the API has just returned. @param {import("../types.js").Task} task */
  function take(task) {
    const { tasks, shown } = store.state;
    store.change({ tasks: replaceOne(tasks ?? [], task), shown: shown && newer(shown, task) });
  }

  return {
    refresh,
    /** @param {boolean} open whether the event stream works */
    setStreaming(open) {
      streaming = open;
      refresh();
    },
    /** Apply an event of the stream. @param {import("./event-stream.js").StreamEvent} event */
    onEvent({ type, data }) {
      if (type === "task") onTask(data).catch(refresh);
      if (type === "deleted") store.change({ openTasks: store.state.openTasks.filter(({ id }) => id !== data.id) });
      if (type === "deleted" && data.id === store.state.shown?.id) store.change({ shown: null });
      if (type === "deleted" || type === "resync") refresh();
    },
    take,
    /** Show a task that the API has just returned, and read what has changed with it. @param {import("../types.js").Task} task */
    accept(task) {
      take(task);
      refresh();
    },
    /** Show the receipt that the API has just returned. @param {import("../types.js").DeletionReceipt} receipt */
    onDeleted(receipt) {
      if (store.state.shown?.id === receipt.id) store.change({ missing: true, receipt });
      refresh();
    },
    async loadOlder() {
      const page = await api.listTasks(store.state.cursor).catch(() => null);
      if (page === null) return void refresh(); // which says what is wrong
      store.change({ tasks: appendOlder(store.state.tasks ?? [], page), cursor: page.next_cursor });
    },
  };
}

/** @typedef {ReturnType<typeof createSync>} Sync */
