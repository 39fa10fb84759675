/**
 * Keeps the store true: by the event stream, and by reading the API where that tells nothing.
 *
 * A check that finds nothing new is no event, so the times of checks are read when one was due.
 */

import { appendOlder, isLive, isStale, mergeNewest, newer, nextReadDelay, replaceOne } from "../state/tasks.js";
import { Refused } from "./api.js";

/** Milliseconds for which a judgement holds that no check has overtaken. */
const PROGRESS_TTL_MS = 60_000;

/**
 * @param {object} parts
 * @param {import("./api.js").Api} parts.api
 * @param {import("../state/store.js").Store} parts.store
 * @param {() => boolean} parts.isVisible
 * @param {() => number} parts.serverNow
 * @param {(run: () => void, ms: number) => () => void} parts.schedule runs something once, and returns what cancels it
 */
export function createSync({ api, store, isVisible, serverNow, schedule }) {
  let failures = 0;
  let streaming = false;
  let round = 0;
  let judged = 0;
  let cancel = () => {};

  /** Read now, and from now on at the right pace; a reading that was under way is forgotten. */
  async function refresh() {
    const mine = ++round;
    cancel();
    if (store.state.locked) return;
    try {
      await Promise.all([readList(mine), readReadiness(mine)]);
      await readShown(mine);
      await readProgress(mine);
      if (mine !== round) return;
      failures = 0;
      store.change({ syncError: null });
    } catch (error) {
      if (mine !== round || store.state.locked) return;
      failures += 1;
      store.change({ syncError: { message: error instanceof Refused ? error.message : "" } });
    }
    const live = (store.state.tasks ?? []).filter(isLive);
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
      if (mine === round) store.change({ missing: true, tombstone: error.problem.receipt ?? null });
    }
  }

  /** At a check or once a minute; it is no syncError where it cannot be had. @param {number} mine */
  async function readProgress(mine) {
    const { shown, tasks, progress } = store.state;
    if (shown?.status !== "in_progress") return;
    const checked = (tasks?.find(({ id }) => id === shown.id) ?? shown).last_polled_at;
    if (progress?.checked_at === checked && serverNow() - judged < PROGRESS_TTL_MS) return;
    const found = await api.progress(shown.id).catch(() => progress);
    if (mine !== round || store.state.shown?.id !== shown.id) return;
    judged = serverNow();
    store.change({ progress: found });
  }

  /** @param {import("../types.js").TaskSummary} task */
  async function onTask(task) {
    store.change({ tasks: replaceOne(store.state.tasks ?? [], task) });
    if (store.state.route.view === "task" && store.state.route.id === task.id) await readShown(round).then(() => readProgress(round));
  }

  return {
    refresh,
    /** @param {boolean} open whether the event stream works */
    setStreaming(open) {
      streaming = open;
      refresh();
    },
    /** What the stream says; whatever it cannot say is read. @param {import("./event-stream.js").StreamEvent} event */
    onEvent({ type, data }) {
      if (type === "task") onTask(data).catch(refresh);
      if (type === "deleted" && data.id === store.state.shown?.id) store.change({ shown: null });
      if (type === "deleted" || type === "resync") refresh();
    },
    /** Show a task as the API has just given it, without waiting for the next reading. @param {import("../types.js").Task} task */
    accept(task) {
      const { tasks, shown } = store.state;
      store.change({ tasks: replaceOne(tasks ?? [], task), shown: shown && newer(shown, task) });
      refresh();
    },
    /** Show a receipt as the API has just given it. @param {import("../types.js").Tombstone} tombstone */
    onDeleted(tombstone) {
      if (store.state.shown?.id === tombstone.id) store.change({ missing: true, tombstone });
      refresh();
    },
    async loadOlder() {
      const page = await api.listTasks(store.state.cursor);
      store.change({ tasks: appendOlder(store.state.tasks ?? [], page), cursor: page.next_cursor });
    },
  };
}

/** @typedef {ReturnType<typeof createSync>} Sync */
