/** A refusal is told in clear words, beside the message it is about. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Refused, Unreachable } from "../../frontend/scripts/connection/api.js";
import { explain, explainAction, outcomeOf } from "../../frontend/scripts/format/error-text.js";

const refused = (status, problem = {}, retryAfter = null) => new Refused(status, problem, retryAfter);
const keyReused = refused(422, { type: "urn:backburner:problem:idempotency-key-reused", detail: "Another body." });

test("only an answer that says no proves that no task was made", () => {
  const outcomes = [400, 403, 413, 421, 422, 429].map((status) => outcomeOf(refused(status)));
  assert.deepEqual(new Set(outcomes), new Set(["refused"]));
  for (const error of [new Unreachable(), new Error("?"), refused(408), refused(500), refused(503), refused(302)])
    assert.equal(outcomeOf(error), "uncertain");
});

test("a reused key is a conflict, by its type or by the field it names", () => {
  assert.equal(outcomeOf(keyReused), "conflict");
  assert.equal(outcomeOf(refused(422, { errors: [{ field: "Idempotency-Key", message: "reused" }] })), "conflict");
  const { summary, advice } = explain(refused(422, { errors: [{ field: "Idempotency-Key", message: "used" }] }));
  assert.match(`${summary} ${advice}`, /^An earlier version .* already accepted.*both are paid/);
});

test("a field's message goes to the place where its message was written", () => {
  const errors = [{ field: "input[2].content[0].text", message: "Too odd." }, { field: "input[0].role", message: "No." }];
  const { fields } = explain(refused(422, { errors }), ["developer", 0, 1]);
  assert.deepEqual(fields, [{ place: 1, message: "Too odd." }, { place: "developer", message: "No." }]);
});

test("a message about anything else stands at the top, with the field's name", () => {
  const errors = [{ field: "parent_id", message: "unknown task" }, { field: "input[9].role", message: "odd" }];
  const { summary, fields } = explain(refused(422, { detail: "Not accepted.", errors }), [0]);
  assert.equal(summary, "parent_id: unknown task input[9].role: odd");
  assert.deepEqual(fields, []);
});

test("a refusal says what to do and when, also without a problem document", () => {
  assert.match(explain(refused(418)).summary, /HTTP 418/);
  assert.match(explain(refused(429, {}, 30)).advice, /Nothing was started.*Try again in 30 s/);
  assert.match(explain(refused(413)).advice, /Shorten/);
  assert.match(explain(refused(503, { detail: "The store is away." }, 5)).advice, /in 5 s. Sending it again is safe/);
});

test("no answer is told as no answer, and the text is kept", () => {
  const { summary, advice } = explain(new Unreachable());
  assert.match(`${summary} ${advice}`, /did not respond.*kept.*no second task/);
});

test("an action that came too late is told so, in plain words", () => {
  const { summary, advice, uncertain } = explainAction(refused(409, { detail: "This task is in_progress." }));
  assert.match(`${summary} ${advice}`, /^Nothing was changed. The status of the task has changed/);
  assert.equal(uncertain, false);
});

test("an action without an answer may have been done, and can be done again safely", () => {
  for (const error of [new Unreachable(), refused(503, { detail: "The store is away." }, 5)]) {
    const { advice, uncertain } = explainAction(error);
    assert.match(advice, /safe: it is carried out only once/);
    assert.equal(uncertain, true);
  }
});

test("an action that was refused says why, and when to try again", () => {
  assert.match(explainAction(refused(429, { detail: "Too many." }, 60)).advice, /^Nothing was changed. Try again in 1 min/);
  assert.deepEqual(explainAction(refused(404, { detail: "No such task." })), { summary: "No such task.", advice: "Nothing was changed.", uncertain: false });
});
