/** A thread is a path of turns; branches and retries stand beside what they repeat. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { inTurn } from "../../frontend/scripts/connection/in-turn.js";
import { ownMessages, threadPath } from "../../frontend/scripts/text/thread-path.js";

const one = (id, parent_id = null, messages = 1, retry_of = null) => ({ id, parent_id, retry_of, messages });
const ids = (tasks) => tasks.map(({ id }) => id).join(" ");
const around = (tasks, id) => {
  const { above, below, siblings } = threadPath(tasks, id);
  return [ids(above), ids(below), ids(siblings(tasks.find((task) => task.id === id)))];
};

test("follow-ups are turns of one path, which goes on with the newest", () => {
  const tasks = [one("a"), one("b", "a", 3), one("c", "b", 5), one("d", "a", 3), one("e", "d", 5)];
  assert.deepEqual(around(tasks, "a"), ["", "d e", "a"]);
  assert.deepEqual(around(tasks, "b"), ["a", "c", "b d"]);
  assert.deepEqual(around(tasks, "e"), ["a d", "", "e"]);
});

test("a branch and a retry are beside their turn, also beside the first", () => {
  const tasks = [one("a"), one("b", "a", 3), one("copy", "b", 3), one("first", "a", 1), one("again", "a", 3, "copy")];
  assert.deepEqual(around(tasks, "copy"), ["a", "", "b copy again"]);
  assert.deepEqual(around(tasks, "first"), ["", "", "a first"]);
});

test("tasks of earlier versions count as follow-ups, and one whose parent is gone begins a thread", () => {
  assert.deepEqual(around([one("a", null, null), one("b", "a", null)], "b"), ["a", "", "b"]);
  assert.deepEqual(around([one("b", "deleted", 3)], "b"), ["", "", "b"]);
});

/** @returns {import("../../frontend/scripts/types.js").Message} */
const say = (role, text) => ({ role, content: [{ type: role === "assistant" ? "output_text" : "input_text", text }] });

test("a turn shows the messages that its parent does not, unless the parent is not what was sent", () => {
  const parent = { input: [say("user", "a")], output_text: 'the "answer"' };
  const rest = [say("user", "b")];
  assert.deepEqual(ownMessages({ input: [...parent.input, say("assistant", 'the "answer"'), ...rest] }, parent), rest);
  assert.equal(ownMessages({ input: [say("user", "other"), say("assistant", 'the "answer"'), ...rest] }, parent), null);
  assert.equal(ownMessages({ input: [...parent.input, say("assistant", "edited"), ...rest] }, parent), null);
});

test("calls are made in order, a few at a time, and one that fails holds up none", async () => {
  const made = [];
  const ends = [];
  const call = (name) => () => (made.push(name), new Promise((resolve, reject) => ends.push(name === "b" ? reject : resolve)));
  const replies = inTurn(["a", "b", "c", "d"].map(call), 2);
  assert.deepEqual(made, ["a", "b"]);
  ends[1](new Error("lost"));
  await assert.rejects(replies[1]);
  await Promise.resolve();
  assert.deepEqual(made, ["a", "b", "d"]);
  ends[0]("one");
  assert.equal(await replies[0], "one");
  await new Promise(setImmediate);
  assert.deepEqual(made, ["a", "b", "d", "c"]);
});
