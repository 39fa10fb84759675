/** Each state is told in words that promise nothing more than is known. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { describe, isOpen } from "../../frontend/scripts/states.js";
import { task } from "./task.js";

const said = (differences) => {
  const { word, says = "", advice = "" } = describe(task(differences));
  return `${word}. ${says} ${advice}`;
};

test("every state has a word of its own", () => {
  const states = ["queued", "submitting", "in_progress", "unconfirmed", "completed", "incomplete", "failed", "cancelled"];
  assert.equal(new Set(states.map((status) => describe(task({ status })).word)).size, states.length);
});

test("only the four ends are not open", () => {
  const states = ["queued", "submitting", "in_progress", "unconfirmed", "completed", "incomplete", "failed", "cancelled"];
  assert.deepEqual(states.filter((status) => isOpen(task({ status }))), states.slice(0, 4));
});

test("a queued task says that nothing was sent", () => {
  assert.match(said({}), /^Queued.*Nothing has been sent/);
});

test("a paused task says why and that it goes on by itself", () => {
  for (const [paused, reason] of [["bad_key", /OPENAI_API_KEY/], ["quota", /billing/], ["model_retired", /code/], ["budget", /budget/]]) {
    assert.match(said({ paused }), /^Paused. Nothing has been sent yet: .*goes on by itself/);
    assert.match(said({ paused }), reason);
  }
});

test("a pause with a word from a newer server shows the word", () => {
  assert.match(said({ paused: "full_moon" }), /full_moon/);
});

test("a running task tells waiting from working", () => {
  assert.match(said({ status: "in_progress", provider_status: "queued" }), /OpenAI has it and has not begun/);
  assert.match(said({ status: "in_progress", provider_status: "in_progress" }), /OpenAI is working on it/);
});

test("a provider's unknown word is shown as it is", () => {
  assert.match(said({ status: "in_progress", provider_status: "pondering" }), /“pondering”/);
});

test("an unconfirmed task names the doubt, the promise, its price, and the way on", () => {
  const text = said({ status: "unconfirmed" });
  assert.match(text, /OpenAI may or may not have received this/);
  assert.match(text, /will not send it again by itself, because that could cost twice/);
  assert.match(text, /task_id task_1/);
});

test("the simulator is never called OpenAI", () => {
  for (const status of ["submitting", "in_progress", "unconfirmed"])
    assert.doesNotMatch(said({ status, provider: "simulator" }), /OpenAI/);
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

test("a state from a newer server does not break the page", () => {
  assert.match(said({ status: "simmering" }), /^simmering. This page does not know this state/);
});
