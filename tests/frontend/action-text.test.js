/** Each way out of uncertainty says what it does and what it may cost. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { actionText, cancelTerms, deleteTerms, mayDelete, mayRetry, responseIdIn, retryTerms, traces, usualPrice } from "../../frontend/scripts/format/action-text.js";
import { task } from "./task.js";

const unconfirmed = (differences = {}) =>
  task({
    status: "unconfirmed",
    submitted_at: "2026-11-23T03:00:01.000Z",
    client_request_id: "task_1-1",
    error: { code: "unconfirmed", message: "No answer came back." },
    ...differences,
  });
const named = (of) => Object.fromEntries(traces(of).map(({ name, value }) => [name, value]));

test("what is known is what a person can look for", () => {
  const known = named(unconfirmed());
  assert.deepEqual(Object.keys(known), ["What happened", "Sent", "Task id", "Request id"]);
  assert.deepEqual([known["What happened"], known["Task id"], known["Request id"]], ["No answer came back.", "task_1", "task_1-1"]);
});

test("what is not known is not invented", () => {
  const known = named(unconfirmed({ submitted_at: null, client_request_id: null }));
  assert.equal(known.Sent, "unknown");
  assert.equal("Request id" in known, false);
});

test("what happened is told on while a response is checked, and after it was refused", () => {
  for (const differences of [{ adopting: "resp_1" }, { adoption_refused: "Not this task’s." }])
    assert.equal(named(unconfirmed(differences))["What happened"], "No answer came back.");
});

test("every way has its price", () => {
  const { adopt, retry, abandon } = actionText(unconfirmed());
  assert.match(adopt[0], /costs nothing more/);
  assert.match(retry.join(" "), /new task.*you pay twice.*both are paid/);
  assert.match(abandon[0], /you pay for it and do not get the answer/);
});

test("the simulator costs nothing and is not looked for at OpenAI", () => {
  const words = Object.values(actionText(unconfirmed({ provider: "simulator" }))).flat().join(" ");
  assert.doesNotMatch(words, /OpenAI|twice|cost/);
});

test("cancelling is free before anything was sent, and may be charged after", () => {
  assert.match(cancelTerms(task()), /costs nothing/);
  for (const status of ["submitting", "in_progress"]) {
    assert.match(cancelTerms(task({ status })), /asks OpenAI to stop. What was used so far may be charged/);
    assert.match(cancelTerms(task({ status, provider: "simulator" })), /asks the simulator to stop. Nothing is paid/);
  }
});

test("a response id is found in whatever was pasted", () => {
  const pasted = ["resp_0a1B-c", "  resp_0a1B-c\n", "https://platform.openai.com/logs/resp_0a1B-c?tab=1", "a b", "x".repeat(513), ""];
  assert.deepEqual(pasted.map(responseIdIn), ["resp_0a1B-c", "resp_0a1B-c", "resp_0a1B-c", null, null, null]);
  const others = ["litellm_poll_1", "caresp_x", "resp-1", "resp_a.b=", "a:b@c?d"];
  assert.deepEqual(others.map(responseIdIn), others);
});

const estimate = { duration_s: null, cost_usd: { p50: 1.428, p90: 2.1 }, tasks: 20, message: "" };

test("one more task has a price by what others cost, and none is made up", () => {
  assert.match(usualPrice(estimate), /^Usually \$1\.43; rarely over \$2\.10\.$/);
  assert.match(usualPrice({ ...estimate, cost_usd: null }), /needs five finished tasks/);
  assert.match(actionText(unconfirmed(), estimate).retry[1], /\$1\.43.*both are paid/);
});

test("sending an ended task again names the price, but for made up answers", () => {
  const ended = { status: "failed", error: { code: "server_error", message: "" } };
  assert.match(retryTerms(task(ended), estimate), /\$1\.43.*stays unchanged/);
  assert.doesNotMatch(retryTerms(task({ ...ended, provider: "simulator" }), estimate), /\$/);
});

test("deleting says where, and that there is no way back", () => {
  assert.match(deleteTerms(task({ status: "completed", response_id: "resp_1" })), /Deleted at OpenAI first, then here.*cannot be undone.*receipt/);
  assert.doesNotMatch(deleteTerms(task({ status: "cancelled" })), /OpenAI/);
  const unconfirmed = { requested_at: "", attempts: 1, problem: "OpenAI answered 404." };
  assert.match(deleteTerms(task({ status: "completed", deletion: unconfirmed })), /here only.*may still be at OpenAI/);
});

test("only what has ended is sent again or deleted, and what is being deleted is neither", () => {
  const offers = (differences) => [mayRetry(task(differences)), mayDelete(task(differences))];
  assert.deepEqual(offers({ status: "in_progress" }), [false, false]);
  assert.deepEqual(offers({ status: "unconfirmed" }), [false, false]);
  assert.deepEqual(offers({ status: "completed" }), [true, true]);
  assert.deepEqual(offers({ status: "completed", deletion: { requested_at: "", attempts: 0, problem: null } }), [false, false]);
  assert.deepEqual(offers({ status: "completed", deletion: { requested_at: "", attempts: 1, problem: "No answer." } }), [false, true]); // here only
  assert.deepEqual(offers({ status: "failed", error: { code: "superseded", message: "" } }), [false, true]);
});
