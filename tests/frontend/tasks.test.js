/** A fresh page of tasks changes the list without losing, doubling or inventing one. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { statusChanges } from "../../frontend/scripts/format/status-text.js";
import { appendOlder, isLateAnswer, isStale, isWatched, mergeNewest, nextReadDelay, replaceOne, withChecks } from "../../frontend/scripts/state/tasks.js";
import { task } from "./task.js";

const numbered = (n, differences = {}) =>
  task({ id: `task_${n}`, created_at: `2026-11-23T03:00:0${n}.000Z`, ...differences });
const ids = (tasks) => tasks.map(({ id }) => id).join(" ");

test("the newest page leads, and older tasks stay behind it, each once", () => {
  assert.equal(ids(appendOlder([numbered(2)], { data: [numbered(2), numbered(1)], next_cursor: null })), "task_2 task_1");
  const known = [numbered(4), numbered(3), numbered(2), numbered(1)];
  const page = { data: [numbered(5), numbered(4)], next_cursor: "more" };
  assert.equal(ids(mergeNewest(known, page)), "task_5 task_4 task_3 task_2 task_1");
});

test("a task that the page should hold and does not is gone", () => {
  const known = [numbered(4), numbered(3), numbered(1)];
  assert.equal(ids(mergeNewest(known, { data: [numbered(4), numbered(2)], next_cursor: "more" })), "task_4 task_2 task_1");
  assert.equal(ids(mergeNewest(known, { data: [numbered(4)], next_cursor: null })), "task_4");
  assert.equal(ids(mergeNewest(known, { data: [], next_cursor: null })), "");
});

test("tasks of the same moment are neither lost nor doubled at the page's edge", () => {
  const twin = numbered(3, { id: "task_twin" });
  assert.equal(ids(mergeNewest([numbered(3), twin], { data: [numbered(3)], next_cursor: "more" })), "task_3 task_twin");
});

test("a newer reading of a task takes its place and an older one does not", () => {
  const known = [numbered(1, { version: 3 })];
  assert.equal(replaceOne(known, numbered(1, { version: 4 }))[0].version, 4);
  assert.equal(replaceOne(known, numbered(1, { version: 2 }))[0].version, 3);
  assert.equal(ids(replaceOne(known, numbered(2))), "task_2 task_1");
  assert.equal(ids(replaceOne([numbered(3), numbered(2)], numbered(1, { version: 4 }))), "task_3 task_2"); // older than the list
});

test("a change of state is told once, and a new task or another poll is not", () => {
  const before = [numbered(1)];
  const after = [numbered(2), numbered(1, { status: "completed", answer_kind: "text" })];
  assert.deepEqual(statusChanges(before, after), ["Tides: Completed."]);
  assert.deepEqual(statusChanges(after, after), []);
  assert.deepEqual(statusChanges(before, [numbered(1, { polls: 7 })]), []);
});

test("a late answer is told, though the state stays as it was", () => {
  const receipt = { sent: "yes", settled: true, message: "" };
  const cancelled = numbered(1, { status: "cancelled", provider_status: "in_progress", receipt });
  const after = { ...cancelled, provider_status: "completed" };
  assert.deepEqual(statusChanges([cancelled], [after]), ["Tides: Cancelled, with a late answer."]);
});

test("the open task is read again only when there is news of it", () => {
  assert.equal(isStale(null, undefined), true);
  assert.equal(isStale(task({ version: 2 }), task({ version: 2 })), false);
  assert.equal(isStale(task({ version: 2 }), task({ version: 3 })), true);
  assert.equal(isStale(task({ version: 2 }), task({ version: 1 })), false);
});

test("an open task beyond the list is read every time and an ended one only while the provider is watched", () => {
  assert.equal(isStale(task(), undefined), true);
  const ended = { status: "cancelled", completed_at: "2026-11-23T03:01:00.000Z" };
  assert.equal(isStale(task({ ...ended, next_poll_at: "2026-11-23T03:02:00.000Z" }), undefined), true);
  assert.equal(isStale(task({ status: "completed" }), undefined), false);
});

test("quiet polls reach the open task through the list", () => {
  const listed = { ...task({ polls: 9 }), input: undefined };
  delete listed.input;
  assert.equal(withChecks(task(), listed).polls, 9);
  assert.equal(withChecks(task(), listed).input.length, 1);
  assert.equal(withChecks(task({ version: 2 }), listed).polls, 0);
});

test("reading is quick while something may change and is seen, slower else, and backs off on failure", () => {
  const seen = { live: [task()], now: 0, visible: true, streaming: false, failures: 0 };
  assert.equal(nextReadDelay(seen), 2_000);
  assert.equal(nextReadDelay({ ...seen, live: [] }), 10_000);
  assert.equal(nextReadDelay({ ...seen, visible: false }), 30_000);
  assert.deepEqual([1, 2, 3, 4, 5, 50].map((failures) => nextReadDelay({ ...seen, failures })), [2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

test("with the stream, reading waits until the next check was due, within bounds", () => {
  const now = Date.parse("2026-11-23T03:00:00Z");
  const due = (second) => task({ next_poll_at: `2026-11-23T03:00:${second}.000Z` });
  const after = (...live) => nextReadDelay({ live, now, visible: true, streaming: true, failures: 0 });
  assert.equal(after(due("20"), due("05")), 6_000);
  assert.equal(after(due("00")), 2_000);
  assert.equal(after(due("59")), 10_000);
  assert.equal(after(), 10_000);
});

const receipt = { sent: "yes", stop: "done", settled: true, message: "OpenAI finished it all the same; it cost $1.43." };

test("a task that has ended here is watched while its next poll is planned", () => {
  const ended = { completed_at: "2026-11-23T03:01:00.000Z" };
  const watched = { next_poll_at: "2026-11-23T03:02:00.000Z" };
  assert.deepEqual([task({ ...ended, ...watched }), task(ended), task(watched)].map(isWatched), [true, false, false]);
});

test("only what came after our own end is a late answer", () => {
  assert.equal(isLateAnswer(task({ status: "completed", provider_status: "completed" })), false);
  assert.equal(isLateAnswer(task({ status: "cancelled", provider_status: "cancelled", receipt })), false);
  for (const provider_status of ["completed", "incomplete"])
    assert.equal(isLateAnswer(task({ status: "cancelled", provider_status, receipt })), true);
});
