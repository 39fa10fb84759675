/** A thread reads from top to bottom, and every branch can be told. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { threadLines } from "../../frontend/components/thread/thread.js";
import { task } from "./task.js";

const told = (...tasks) => threadLines(tasks).map(({ task: { id }, depth, branch }) => [id, depth, branch && `${branch.number}/${branch.of}`]);

test("a conversation without branches goes straight down", () => {
  const chain = [task({ id: "a" }), task({ id: "b", parent_id: "a" }), task({ id: "c", parent_id: "b" })];
  assert.deepEqual(told(...chain), [["a", 0, null], ["b", 0, null], ["c", 0, null]]);
  assert.deepEqual(threadLines(chain).map(({ how }) => how), ["start", "follow-up", "follow-up"]);
});

test("where it parts, each branch is told whole before the next", () => {
  const [a, b, c, d, e] = [task({ id: "a" }), task({ id: "b", parent_id: "a" }), task({ id: "c", parent_id: "a" }), task({ id: "d", parent_id: "b" }), task({ id: "e", parent_id: "b" })];
  assert.deepEqual(told(a, b, c, d, e), [["a", 0, null], ["b", 1, "1/2"], ["d", 2, "1/2"], ["e", 2, "2/2"], ["c", 1, "2/2"]]);
});

test("what is sent again stands under what it repeats", () => {
  const lines = threadLines([task({ id: "a" }), task({ id: "b", parent_id: "a" }), task({ id: "c", parent_id: "a", retry_of: "b" })]);
  assert.deepEqual(lines.map(({ task: { id }, how, depth }) => [id, how, depth]), [["a", "start", 0], ["b", "follow-up", 0], ["c", "retry", 0]]);
});

test("a task whose parent is not there any more is still shown", () => {
  assert.deepEqual(told(task({ id: "b", parent_id: "gone" }), task({ id: "c", parent_id: "b" })), [["b", 0, null], ["c", 0, null]]);
});

test("a thousand follow-ups are as many lines", () => {
  const chain = Array.from({ length: 1000 }, (_, index) => task({ id: `t${index}`, parent_id: index === 0 ? null : `t${index - 1}` }));
  assert.deepEqual(threadLines(chain).map(({ task: { id } }) => id), chain.map(({ id }) => id));
});
