/** The words of the view of notifications. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { deliveryResult, endpointState, eventWords, explainWebhook, serviceName } from "../../frontend/components/notify/notify-text.js";
import { Refused, Unreachable } from "../../frontend/scripts/connection/api.js";
import { createWebhooksApi } from "../../frontend/scripts/connection/webhooks-api.js";

/** @type {import("../../frontend/scripts/connection/webhooks-api.js").Endpoint} */
const ACTIVE = { id: "we_1", url: "https://a.example", events: [], format: "backburner", disabled: false, disabled_reason: null, failing_since: null, waiting: 0, previous_secret_until: null };
/** @type {import("../../frontend/scripts/connection/webhooks-api.js").Delivery} */
const SENT = { event_id: "evt_1", type: "webhook.test", task_id: null, attempt: 1, at: "", outcome: "delivered", status: 200, error: null, duration_ms: 34, next_attempt_at: null };

test("an endpoint is active, failing or disabled, and says what waits", () => {
  assert.deepEqual(endpointState(ACTIVE), { tone: "good", word: "Active", text: "" });
  const failing = endpointState({ ...ACTIVE, failing_since: "2026-11-30T15:00:00Z", waiting: 2 });
  assert.deepEqual(failing, { tone: "bad", word: "Failing", text: "The latest try failed. 2 events wait. It is tried again." });
  assert.equal(endpointState({ ...ACTIVE, failing_since: "2026-11-30T15:00:00Z" }).text, "The latest try failed. It is tried again.");
  const disabled = endpointState({ ...ACTIVE, disabled: true, disabled_reason: "It answered 410.", waiting: 1 });
  assert.deepEqual([disabled.word, disabled.text], ["Disabled", "It answered 410. 1 event waits."]);
});

test("a delivery says what came of it", () => {
  assert.equal(deliveryResult(SENT), "Delivered (status 200, 34 ms)");
  assert.equal(deliveryResult({ ...SENT, outcome: "retrying", status: 500 }), "Failed (status 500), is tried again");
  assert.equal(deliveryResult({ ...SENT, outcome: "given_up", status: null, error: "address_refused" }), "Failed (address not allowed), given up");
  assert.equal(deliveryResult({ ...SENT, outcome: "retrying", status: null, error: "some_new_word" }), "Failed (some new word), is tried again");
});

test("events and services have names, and an unknown one its own", () => {
  assert.equal(eventWords(["task.completed", "budget_warning", "x.y"]), "completed, budget warning, x.y");
  assert.deepEqual(["mailtos", "slack", "zulip"].map(serviceName), ["e-mail", "Slack", "zulip"]);
});

test("an error names its field, or what to do", () => {
  const invalid = new Refused(422, { errors: [{ field: "url", message: "Use https." }] }, null);
  assert.deepEqual(explainWebhook(invalid), { field: "url", message: "Use https." });
  assert.equal(explainWebhook(new Refused(409, { detail: "It is disabled." }, null)).message, "It is disabled.");
  assert.match(explainWebhook(new Unreachable("")).message, /did not respond/);
});

test("each call has its address, and only creating has a key", async () => {
  /** @type {any[]} */
  const asked = [];
  const api = createWebhooksApi({ request: async (...call) => (asked.push(call), { data: [], channels: [], event_id: "evt_1" }) }, () => "key");
  await api.create({ url: "https://a.example", events: ["task.failed"], format: "openai" });
  assert.equal(await api.test("we_1"), "evt_1");
  await api.update("we/1", { disabled: true });
  await api.remove("we_1");
  assert.deepEqual(asked, [
    ["v1/webhook-endpoints", "POST", { url: "https://a.example", events: ["task.failed"], format: "openai" }, { "Idempotency-Key": "key" }],
    ["v1/webhook-endpoints/we_1/test", "POST"],
    ["v1/webhook-endpoints/we%2F1", "PATCH", { disabled: true }],
    ["v1/webhook-endpoints/we_1", "DELETE"],
  ]);
});
