/** What is found is what was asked for last, whole, and stays true while it is looked at. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { nearsEnd, rowsInSight } from "../../frontend/components/task-search/virtual-window.js";
import { Refused } from "../../frontend/scripts/connection/api.js";
import { countText } from "../../frontend/scripts/format/search-text.js";
import { createTaskSearch } from "../../frontend/scripts/state/task-search.js";
import { task } from "./task.js";

/** @param {Partial<import("../../frontend/scripts/router.js").Query>} [query] */
const looked = (query) => ({ status: null, q: "", from: null, to: null, ...query });
const all = looked();
const at = (n) => new Date(Date.parse("2026-11-23T03:00:00Z") + n * 1000).toISOString();
const numbered = (n) => task({ id: `task_${n}`, created_at: at(n) });

/** A finder over a server that the test answers for, one call at a time. */
function looking() {
  const calls = [];
  const waits = [];
  const api = { listTasks: (cursor, query) => new Promise((resolve, reject) => calls.push({ cursor, query, resolve, reject })) };
  const finder = createTaskSearch({ api: /** @type {any} */ (api), onChange: () => {}, schedule: (run, ms) => (waits.push({ run, ms }), () => {}) });
  const answer = async (index, answered) => {
    while (calls.length <= index) await turn();
    if (answered instanceof Error) calls[index].reject(answered);
    else calls[index].resolve({ data: answered[0], next_cursor: answered[1] ?? null, ...answered[2] });
    await turn();
  };
  return { finder, calls, waits, answer, ids: () => finder.found.tasks?.map(({ id }) => id) };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("the answer to a question that was left is not taken for the next one's", async () => {
  const { finder, answer, ids, calls } = looking();
  finder.setQuery(looked({ q: "old" }));
  await turn();
  finder.setQuery(looked({ status: "failed", q: "new" }));
  await answer(0, [[numbered(1)]]);
  assert.equal(finder.found.tasks, null);
  await answer(1, [[numbered(2)]]);
  assert.deepEqual(ids(), ["task_2"]);
  assert.deepEqual(calls[1].query, { status: "failed", q: "new", created_after: null, created_before: null, sort: undefined, snippets: true, total: true, limit: 100 });
});

test("coming back to the same question shows what was there", async () => {
  const { finder, answer, ids, calls } = looking();
  finder.setQuery(all);
  await answer(0, [[numbered(1)]]);
  finder.setQuery({ ...all });
  await turn();
  assert.deepEqual([ids(), calls.length], [["task_1"], 1]);
});

test("the next page is read once, however often it is asked for, and goes where it belongs", async () => {
  const { finder, answer, ids, calls } = looking();
  finder.setQuery(all);
  await answer(0, [[numbered(3), numbered(2)], "below-2"]);
  for (const _ of [1, 2, 3]) finder.loadOlder();
  await answer(1, [[numbered(1)]]);
  finder.loadOlder();
  await turn();
  assert.deepEqual([ids(), calls.length, calls[1].cursor], [["task_3", "task_2", "task_1"], 2, "below-2"]);
});

test("news of a listed task is shown at once, however deep it stands, and older news is not", async () => {
  const { finder, answer } = looking();
  finder.setQuery(all);
  await answer(0, [[numbered(1)]]);
  finder.onEvent({ type: "task", id: "1", data: { ...numbered(1), status: "completed", version: 3 } });
  finder.onEvent({ type: "task", id: "0", data: { ...numbered(1), status: "queued", version: 2 } });
  finder.onEvent({ type: "task", id: "2", data: numbered(9) });
  assert.deepEqual(finder.found.tasks.map(({ status }) => status), ["completed"]);
  finder.onEvent({ type: "deleted", id: "3", data: { id: "task_1" } });
  assert.deepEqual(finder.found.tasks, []);
});

test("after many news the list is read again once, when they can be found", async () => {
  const { finder, answer, ids, waits, calls } = looking();
  finder.setQuery(looked({ status: "queued" }));
  await answer(0, [[numbered(2), numbered(1)], "below-1"]);
  for (const _ of [1, 2, 3]) finder.invalidate();
  assert.deepEqual(waits.map(({ ms }) => ms), [1_500]);
  waits[0].run();
  await answer(1, [[numbered(3), numbered(1)], "below-1"]);
  assert.deepEqual([ids(), calls.length], [["task_3", "task_1"], 2]);
});

test("a refusal is explained, what was found stays, and it is asked again when there is an answer", async () => {
  const { finder, answer, ids, waits } = looking();
  finder.setQuery(looked({ q: "x" }));
  await answer(0, new Refused(503, { detail: "The index is being made." }, 7));
  assert.match(finder.found.problem, /being made.*again automatically/);
  assert.deepEqual(waits.map(({ ms }) => ms), [7_000]);
  waits[0].run();
  await answer(1, [[numbered(1)]]);
  assert.deepEqual([ids(), finder.found.problem], [["task_1"], ""]);
});

test("a query that cannot be understood is not asked again", async () => {
  const { finder, answer, waits } = looking();
  finder.setQuery(looked({ q: "a*" }));
  await answer(0, new Refused(422, { errors: [{ field: "q", message: "A prefix has three letters." }] }, null));
  assert.deepEqual([finder.found.problem, waits.length], ["A prefix has three letters.", 0]);
});

test("days are asked for as moments, and other days are another question", async () => {
  const { finder, answer, calls } = looking();
  finder.setQuery(looked({ from: "2026-11-01" }));
  await answer(0, [[numbered(1)]]);
  finder.setQuery(looked({ from: "2026-11-01", to: "2026-11-02" }));
  await answer(1, [[]]);
  const asked = calls.map(({ query }) => [query.created_after, query.created_before]);
  const start = (day) => new Date(2026, 10, day).toISOString();
  assert.deepEqual(asked, [[start(1), null], [start(1), start(3)]]);
  assert(!("from" in calls[0].query));
});

test("nothing that one owner found is there for the next", async () => {
  const { finder, answer, ids, calls } = looking();
  finder.setQuery(all);
  await answer(0, [[numbered(1)]]);
  finder.onEvent({ type: "locked", id: null, data: null });
  assert.equal(finder.found.tasks, null);
  finder.setQuery(all);
  await answer(1, [[numbered(2)]]);
  assert.deepEqual([ids(), calls.length], [["task_2"], 2]);
});

const sight = { height: 600, row: 60, count: 100_000 };

test("what is in sight is drawn, with some before and after", () => {
  assert.deepEqual(rowsInSight({ ...sight, above: 60_000 }), { first: 988, last: 1022 });
});

test("nothing is drawn beyond either end", () => {
  assert.deepEqual(rowsInSight({ ...sight, above: -300 }), { first: 0, last: 17 });
  assert.deepEqual(rowsInSight({ ...sight, above: 6_000_000 }), { first: 99_988, last: 100_000 });
  assert.deepEqual(rowsInSight({ ...sight, above: 60_000, count: 5 }), { first: 5, last: 5 });
  assert.deepEqual(rowsInSight({ ...sight, above: -9_000 }), { first: 0, last: 0 });
});

test("more is asked for before the end is seen", () => {
  assert.deepEqual([nearsEnd(60, 100), nearsEnd(61, 100)], [false, true]);
});

test("another question is asked at once, while the one before has no answer", async () => {
  const { finder, answer, ids, calls } = looking();
  finder.setQuery(looked({ q: "slow" }));
  await turn();
  finder.setQuery(looked({ q: "quick" }));
  await turn();
  assert.equal(calls.length, 2);
  await answer(1, [[numbered(2)]]);
  await answer(0, [[numbered(1)]]);
  assert.deepEqual(ids(), ["task_2"]);
});

test("counts and the reasons of all pages are kept", async () => {
  const { finder, answer } = looking();
  const why = (text) => ({ field: "answer", parts: [{ text, match: true }] });
  finder.setQuery(looked({ q: "tide" }));
  await answer(0, [[numbered(2)], "below-2", { total: 2, snippets: { task_2: why("tide") } }]);
  finder.loadOlder();
  await answer(1, [[numbered(1)], null, { snippets: { task_1: why("Tide") } }]);
  assert.equal(finder.found.total, 2);
  assert.deepEqual(Object.keys(finder.found.snippets), ["task_2", "task_1"]);
});

test("the count says what was counted, and a sorted list what was compared", () => {
  const of = (query, found) => countText(looked(query), { shown: 3, total: 3, compared: null, isWhole: true, ...found });
  assert.equal(of({}), "3 tasks");
  assert.equal(of({}, { shown: 1, total: 1 }), "1 task");
  assert.equal(of({}, { shown: 100, total: 4201, isWhole: false }), "4,201 tasks");
  assert.equal(of({ q: "x" }, { shown: 100, total: 1001, isWhole: false }), "Over 1,000 tasks");
  assert.equal(of({}, { shown: 100, total: null, isWhole: false }), "100 or more tasks");
  assert.equal(of({ sort: "cost" }, { compared: 3, isWhole: false }), "3 tasks");
  assert.equal(of({ sort: "cost" }, { shown: 100, total: 300, compared: 300, isWhole: false }), "The 100 most expensive of 300 tasks");
  assert.equal(of({ sort: "duration" }, { shown: 100, total: 4201, compared: 1000, isWhole: false }), "The 100 longest of the latest 1,000 tasks");
});
