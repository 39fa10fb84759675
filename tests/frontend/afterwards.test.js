/** What the provider did after our own end is what the task's receipt says, and nothing where there is none. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { afterwards, isLateAnswer, isWatched } from "../../frontend/scripts/afterwards.js";
import { task } from "./task.js";

const receipt = { sent: "yes", stop: "done", settled: true, message: "OpenAI finished it all the same; it cost $1.43." };

test("the receipt is told in its own words", () => {
  assert.equal(afterwards(task({ status: "cancelled", receipt })), receipt.message);
  assert.equal(afterwards(task({ status: "failed" })), "");
});

test("what the provider has not ended yet is watched", () => {
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
