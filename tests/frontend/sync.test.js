/** The state follows the API, and what is shown stays when nothing can be read. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Refused, Unreachable } from "../../frontend/scripts/connection/api.js";
import { createSync } from "../../frontend/scripts/connection/sync.js";
import { createStore } from "../../frontend/scripts/state/store.js";
import { task } from "./task.js";

/** A sync over a server whose answers the test sets; `waits` are the pauses it asked for. */
function reading(/** @type {import("../../frontend/scripts/router.js").Route} */ route = { view: "new", from: null }) {
  /** @type {any} What it answers may be an error, or be late. */
  const server = { tasks: [task()], readiness: { status: "ready" }, reads: [], judged: 0, now: Date.parse("2026-11-23T03:00:00Z") };
  const answer = (value) => (value instanceof Error ? Promise.reject(value) : Promise.resolve(value));
  const api = {
    listTasks: () => answer(server.tasks).then((data) => ({ data, next_cursor: null })),
    readiness: () => answer(server.readiness),
    progress: () => answer((server.judged++, server.progress ?? { checked_at: null })),
    retrieveTask: (id) => (server.reads.push(id), answer(server.tasks.find((each) => each.id === id) ?? new Refused(404, {}, null))),
  };
  const store = createStore({ route, locked: null, receipt: null, tasks: null, openTasks: [], cursor: null, shown: null, progress: null, missing: false, readiness: null, syncError: null });
  const waits = [];
  const schedule = (_run, ms) => (waits.push(ms), () => {});
  const sync = createSync({ api: /** @type {any} */ (api), store, isVisible: () => true, serverNow: () => server.now, schedule });
  return { server, store, waits, sync };
}

test("it reads quickly while a task is open and slowly when none is", async () => {
  const { server, store, waits, sync } = reading();
  await sync.refresh();
  server.tasks = [task({ status: "completed", version: 2 })];
  await sync.refresh();
  assert.deepEqual(waits, [2_000, 10_000]);
  assert.equal(store.state.tasks[0].status, "completed");
});

test("when nothing answers, what is shown stays, and reading backs off until it works again", async () => {
  const { server, store, waits, sync } = reading();
  await sync.refresh();
  server.tasks = new Unreachable();
  await sync.refresh();
  await sync.refresh();
  assert.equal(store.state.tasks.length, 1);
  assert.deepEqual(store.state.syncError, { message: "" });
  server.tasks = [];
  await sync.refresh();
  assert.equal(store.state.syncError, null);
  assert.deepEqual(waits, [2_000, 2_000, 4_000, 10_000]);
});

test("a task that was acted on is shown at once, as the answer gave it", async () => {
  const { server, store, sync } = reading({ view: "task", id: "task_1" });
  await sync.refresh();
  const cancelled = task({ status: "cancelled", version: 2 });
  server.tasks = [cancelled];
  sync.accept(cancelled);
  assert.equal(store.state.shown.status, "cancelled");
  assert.equal(store.state.tasks[0].status, "cancelled");
});

test("an error that the API explains is shown in its words", async () => {
  const { server, store, sync } = reading();
  server.tasks = new Refused(503, { detail: "The store is away." }, 5);
  await sync.refresh();
  assert.deepEqual(store.state.syncError, { message: "The store is away." });
});

test("the task of the address is read whole, and again only when its version grows", async () => {
  const { server, store, sync } = reading({ view: "task", id: "task_1" });
  await sync.refresh();
  await sync.refresh();
  assert.deepEqual(server.reads, ["task_1"]);
  server.tasks = [task({ status: "completed", version: 2, output_text: "High and low." })];
  await sync.refresh();
  assert.deepEqual(server.reads, ["task_1", "task_1"]);
  assert.equal(store.state.shown.output_text, "High and low.");
});

test("an address without a task is said to have none", async () => {
  const { store, sync } = reading({ view: "task", id: "task_9" });
  await sync.refresh();
  assert.equal(store.state.missing, true);
  assert.equal(store.state.syncError, null);
});

test("a task just accepted does not vanish when an older reading arrives late", async () => {
  const { store, sync, server } = reading();
  const accepted = task({ id: "task_2" });
  let answerOld = (_tasks) => {};
  server.tasks = new Promise((resolve) => (answerOld = resolve));
  const late = sync.refresh();
  server.tasks = [accepted, task()];
  sync.accept(accepted);
  answerOld([task()]);
  await late;
  assert.equal(store.state.tasks[0].id, "task_2");
});

test("with the stream it reads only when a check was due, and now and then", async () => {
  const { server, waits, sync, store } = reading();
  const soon = task({ status: "in_progress", next_poll_at: "2026-11-23T03:00:09.000Z" });
  server.tasks = [soon];
  sync.setStreaming(true);
  await sync.refresh();
  server.tasks = [task({ status: "completed", version: 3 })];
  await sync.refresh();
  assert.deepEqual(waits.slice(-2), [10_000, 10_000]);
  assert.equal(store.state.tasks.length, 1);
});

test("an event is shown at once, and the open task is read whole", async () => {
  const { server, store, sync } = reading({ view: "task", id: "task_1" });
  await sync.refresh();
  const done = task({ status: "completed", version: 2, output_text: "High and low." });
  server.tasks = [done];
  sync.onEvent({ type: "task", id: "7", data: task({ status: "completed", version: 2 }) });
  assert.equal(store.state.tasks[0].status, "completed");
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(store.state.shown.output_text, "High and low.");
});

test("what the stream may have missed, and what was deleted, is read again", async () => {
  const { server, store, sync } = reading();
  await sync.refresh();
  server.tasks = [];
  sync.onEvent({ type: "deleted", id: "8", data: { id: "task_1" } });
  await new Promise((resolve) => setTimeout(resolve));
  assert.deepEqual(store.state.tasks, []);
  server.tasks = [task()];
  sync.onEvent({ type: "resync", id: "9", data: { reason: "too_old" } });
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(store.state.tasks.length, 1);
});

test("how a task goes is asked when it was checked, and once a minute, and only while it is worked on", async () => {
  const { server, store, sync } = reading({ view: "task", id: "task_1" });
  await sync.refresh();
  assert.equal(server.judged, 0);
  server.tasks = [task({ status: "in_progress", version: 2 })];
  await sync.refresh();
  await sync.refresh();
  assert.equal(server.judged, 1);
  server.progress = { checked_at: "2026-11-23T03:01:00.000Z" };
  server.tasks = [task({ status: "in_progress", version: 2, last_polled_at: "2026-11-23T03:01:00.000Z" })];
  await sync.refresh();
  await sync.refresh();
  assert.equal(server.judged, 2);
  assert.deepEqual(store.state.progress, server.progress);
  server.now += 60_000;
  await sync.refresh();
  assert.equal(server.judged, 3);
});

test("that nobody can say how a task goes is no trouble", async () => {
  const { server, store, sync } = reading({ view: "task", id: "task_1" });
  server.tasks = [task({ status: "in_progress" })];
  server.progress = new Unreachable();
  await sync.refresh();
  assert.equal(store.state.progress, null);
  assert.equal(store.state.syncError, null);
});

test("while somebody has to sign in nothing is read, and no trouble is told", async () => {
  const { server, store, waits, sync } = reading();
  server.tasks = new Promise((_, reject) => setImmediate(() => (store.change({ locked: "needed" }), reject(new Refused(401, {}, null)))));
  await sync.refresh();
  assert.deepEqual([store.state.syncError, waits], [null, []]);
  server.tasks = [task()];
  await sync.refresh();
  assert.deepEqual([store.state.tasks, waits], [null, []]);
});

test("an older reading of the open task that arrives last does not replace the newer one", async () => {
  const { server, store, sync } = reading({ view: "task", id: "task_1" });
  await sync.refresh();
  let answerOld = (_tasks) => {};
  server.tasks = new Promise((resolve) => (answerOld = resolve));
  server.tasks.find = () => server.tasks.then((tasks) => tasks[0]);
  sync.onEvent({ type: "task", id: "1", data: task({ version: 2 }) });
  server.tasks = [task({ status: "completed", version: 3 })];
  sync.onEvent({ type: "task", id: "2", data: task({ status: "completed", version: 3 }) });
  await new Promise(setImmediate);
  assert.equal(store.state.shown.version, 3);
  answerOld([task({ version: 2 })]);
  await new Promise(setImmediate);
  assert.equal(store.state.shown.version, 3);
});

test("opening a task does not wait for the list", async () => {
  const { server, store, sync } = reading({ view: "task", id: "task_1" });
  const tasks = server.tasks;
  server.tasks = new Promise(() => {});
  server.tasks.find = (/** @type {(each: any) => boolean} */ wanted) => tasks.find(wanted);
  sync.refresh();
  await new Promise(setImmediate);
  assert.equal(store.state.shown.id, "task_1");
});
