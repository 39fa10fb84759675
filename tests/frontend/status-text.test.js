/** Each state is told in words that promise nothing more than is known. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { describe } from "../../frontend/scripts/format/status-text.js";
import { hasFinalResponse, isLive, isOpen, STATUSES } from "../../frontend/scripts/state/tasks.js";
import { task } from "./task.js";

const said = (differences) => {
  const { word, says = "", advice = "" } = describe(task(differences));
  return `${word}. ${says} ${advice}`;
};

test("every status has a label of its own, and only the last four are ends", () => {
  assert.equal(new Set(STATUSES.map((status) => describe(task({ status })).word)).size, STATUSES.length);
  assert.deepEqual(STATUSES.filter((status) => isOpen(task({ status }))), STATUSES.slice(0, 4));
});

test("a task that the provider brings no further says so in its words, and when it is tried again", () => {
  const waiting = { code: "rate_limit_exceeded", message: "OpenAI says: “Slow down.”", attempts: 3, next_attempt_at: "2026-11-23T03:05:00.000Z" };
  assert.match(said({ waiting }), /^Waiting. Nothing has been sent yet. OpenAI says: “Slow down.” Tried 3 times, next at /);
  assert.match(said({ paused: "quota", waiting: { ...waiting, attempts: 0 } }), /^Paused.*billing.*“Slow down.” Not tried yet, next at /);
  assert.match(said({ status: "in_progress", waiting: { ...waiting, next_attempt_at: null } }), /^In progress. Its latest checks got no usable answer. .* Tried 3 times\. *$/);
});

test("a queued task says that nothing was sent; a paused one why, also for an unknown reason", () => {
  assert.match(said({}), /^Queued.*Nothing has been sent/);
  for (const [paused, reason] of /** @type {[string, RegExp][]} */ ([["bad_key", /OPENAI_API_KEY/], ["quota", /billing/], ["model_retired", /code/], ["budget", /budget/], ["no_token", /token/], ["full_moon", /full_moon/]])) {
    assert.match(said({ paused }), /^Paused. Nothing has been sent yet: .*The task is sent when/);
    assert.match(said({ paused }), reason);
  }
});

test("a running task tells waiting from working, and shows an unknown status of the provider", () => {
  assert.match(said({ status: "in_progress", provider_status: "queued" }), /OpenAI has accepted it and not started/);
  assert.match(said({ status: "in_progress", provider_status: "in_progress" }), /OpenAI is working on it/);
  assert.match(said({ status: "in_progress", provider_status: "pondering" }), /“pondering”/);
});

test("an unconfirmed task names the doubt, the promise and its price", () => {
  const text = said({ status: "unconfirmed", error: { code: "unconfirmed", message: "No answer came back." } });
  assert.match(text, /OpenAI may or may not have received this/);
  assert.match(text, /does not send it again without your decision, because it could be paid twice/);
});

test("a response that is being checked is named", () => {
  const wording = describe(task({ status: "unconfirmed", adopting: "resp_1" }));
  assert.deepEqual([wording.word, wording.sign], ["Checking", "working"]);
  assert.match(wording.says, /OpenAI whether resp_1 is this task’s response/);
});

test("the simulator is never called OpenAI", () => {
  for (const status of ["submitting", "in_progress", "unconfirmed", "cancelled"])
    assert.doesNotMatch(said({ status, provider: "simulator", response_id: "resp_1" }), /OpenAI/);
  assert.doesNotMatch(said({ status: "unconfirmed", provider: "simulator" }), /cost/);
});

test("an incomplete answer says why it stops", () => {
  const why = (code) => said({ status: "incomplete", error: { code, message: "" } });
  assert.match(why("max_output_tokens"), /limit of output tokens/);
  assert.match(why("content_filter"), /content filter/);
  assert.match(why("moonlight"), /ended the answer early/);
});

test("a failure says what happened and what to do, also when its code is unknown", () => {
  for (const code of ["deadline_exceeded", "response_not_found", "server_error", "never_heard_of", "constructor"])
    assert.match(said({ status: "failed", error: { code, message: "" } }), /^Failed. \S.+\. \S.+\./);
});

test("every failure of our own has words of its own", () => {
  const codes = ["deadline_exceeded", "response_not_found", "answer_too_large", "poisoned", "superseded", "abandoned"];
  const words = codes.map((code) => said({ status: "failed", error: { code, message: "" } }));
  assert.equal(new Set(words).size, codes.length);
  for (const text of words) assert.doesNotMatch(text, /ended without an answer/);
});

test("what a person decided is not called a failure", () => {
  const word = (code) => describe(task({ status: "failed", error: { code, message: "" } })).word;
  assert.deepEqual(["abandoned", "superseded", "poisoned"].map(word), ["Given up", "Sent again", "Failed"]);
});

test("a cancelled task says who ended it, and what its receipt says", () => {
  const receipt = { sent: "no", settled: true, message: "OpenAI never had it, so it cost nothing." };
  assert.match(said({ status: "cancelled", receipt }), /It was cancelled\. OpenAI never had it, so it cost nothing\./);
  assert.match(said({ status: "cancelled", response_id: "resp_1" }), /OpenAI cancelled it/);
});

test("what is being deleted, or not settled yet, may have news", () => {
  const deletion = { requested_at: "2026-11-23T03:01:00.000Z", attempts: 0, problem: null };
  assert.equal(isLive(task({ status: "completed", deletion })), true);
  assert.equal(isLive(task({ status: "cancelled", receipt: { settled: false } })), true);
  assert.equal(isLive(task({ status: "cancelled", receipt: { settled: true } })), false);
});

test("the provider’s response can be shown once the provider has ended it", () => {
  const ended = { status: "cancelled", completed_at: "2026-11-23T03:01:00.000Z", response_id: "resp_1" };
  assert.equal(hasFinalResponse(task({ ...ended, provider_status: "in_progress" })), false);
  assert.equal(hasFinalResponse(task({ ...ended, provider_status: "cancelled", next_poll_at: "2026-11-23T03:02:00.000Z" })), false);
  assert.equal(hasFinalResponse(task({ ...ended, provider_status: "completed" })), true);
});

test("a state from a newer server does not break the page", () => {
  assert.match(said({ status: "simmering" }), /^simmering. This page does not know this status/);
});
