/** What the provider did after our own end is told as far as it is known, with its cost. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { afterwards, isLateAnswer, isWatched } from "../../frontend/scripts/afterwards.js";
import { task } from "./task.js";

/** A task that was cancelled in mid-run. */
const cancelled = (differences = {}) =>
  task({ status: "cancelled", response_id: "resp_1", provider_status: "in_progress", completed_at: "2026-11-23T03:01:00.000Z", ...differences });
const failed = (code, differences = {}) => cancelled({ status: "failed", error: { code, message: "" }, ...differences });
const watched = { next_poll_at: "2026-11-23T03:02:00.000Z" };

test("until the provider has ended it, its last word is shown and what it may cost is said", () => {
  assert.match(afterwards(cancelled(watched)), /^OpenAI is asked to stop; its last word was “in_progress”.*may be charged/);
  assert.match(afterwards(cancelled({ ...watched, provider_status: "cancelled" })), /^OpenAI has stopped it.*keeps looking/);
  assert.deepEqual([cancelled(watched), cancelled(), task(watched)].map(isWatched), [true, false, false]);
});

test("an answer that came all the same is told with its cost", () => {
  const late = { provider_status: "completed", cost_usd: 1.4289 };
  assert.equal(afterwards(cancelled(late)), "OpenAI finished it all the same; it cost $1.43.");
  assert.equal(afterwards(failed("deadline_exceeded", late)), "OpenAI finished it all the same; it cost $1.43.");
  assert.match(afterwards(cancelled({ ...late, provider: "simulator" })), /^The simulator finished.*cost nothing/);
  assert.match(afterwards(cancelled({ ...late, cost_usd: null })), /what it cost is not known/);
});

test("only what came after our own end is a late answer", () => {
  assert.equal(isLateAnswer(task({ status: "completed", provider_status: "completed" })), false);
  assert.equal(isLateAnswer(failed("server_error", { provider_status: "failed" })), false);
  for (const code of ["deadline_exceeded", "abandoned", "superseded", "response_not_found", "poisoned"])
    assert.equal(isLateAnswer(failed(code, { provider_status: "incomplete" })), true);
});

test("a response that stopped, or was lost sight of, is told as such", () => {
  assert.match(afterwards(cancelled({ provider_status: "cancelled" })), /^OpenAI has stopped it/);
  assert.match(afterwards(cancelled()), /^How OpenAI ended it is not known; its last word was “in_progress”/);
});

test("a task given up may have an answer and a cost that nobody here will see", () => {
  assert.match(afterwards(failed("abandoned", { response_id: null })), /stays with OpenAI, and its cost with you/);
  assert.doesNotMatch(afterwards(failed("abandoned", { response_id: null, provider: "simulator" })), /cost/);
});

test("nothing is said where nothing came after", () => {
  assert.equal(afterwards(cancelled({ response_id: null })), "");
  assert.equal(afterwards(task({ status: "completed", provider_status: "completed", response_id: "resp_1" })), "");
  assert.equal(afterwards(failed("server_error", { provider_status: "failed" })), "");
});
