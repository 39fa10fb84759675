/** What is wrong with the system is said above the page, and nothing else is. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { noticesOf } from "../../frontend/components/notices/notices.js";

const ready = { status: "ready", provider: "openai", model: "gpt-5-pro", pollers: 1, paused: null, detail: "Ready." };
const said = (readiness, syncError = null) =>
  noticesOf({ readiness, syncError }).map(({ lead, text }) => `${lead} ${text}`);

test("a system that works needs no words", () => {
  assert.deepEqual(said(ready), []);
  assert.deepEqual(said(null), []);
});

test("the simulator says that answers are made up, nothing is paid, and how to get real ones", () => {
  assert.match(said({ ...ready, provider: "simulator" })[0], /made up and nothing is paid.*OPENAI_API_KEY/);
});

test("paused sending and missing pollers are said, each with what follows", () => {
  assert.match(said({ ...ready, paused: { reason: "quota", since: "", message: "" } })[0], /paused:.*billing/);
  assert.match(said({ ...ready, status: "unavailable", pollers: 0 })[0], /No poller is running: tasks .* wait/);
  assert.match(said({ ...ready, status: "unavailable", detail: "The store is away." })[0], /The store is away/);
});

test("an admin is told when the model ends, although all works", () => {
  const issues = [{ kind: "model_shutdown", message: "OpenAI shuts it down in 11 days. Change a line." }];
  assert.deepEqual(said({ ...ready, issues }), ["The model ends: OpenAI shuts it down in 11 days. The system view says what to do."]);
});

test("a pause is told in the server's words, which quote the provider", () => {
  const paused = (reason, message) => said({ ...ready, paused: { reason, since: "", message } })[0];
  for (const reason of ["bad_key", "moon"])
    assert.equal(paused(reason, "OpenAI says: “Wait for the full moon.”"), "Sending is paused: OpenAI says: “Wait for the full moon.”");
  assert.match(paused("bad_key", ""), /the API key is rejected.*OPENAI_API_KEY is corrected and the poller restarted/);
});

test("a lost connection is said instead of what was last heard, but the simulator stays loud", () => {
  const lines = said({ ...ready, provider: "simulator", pollers: 0 }, { message: "" });
  assert.equal(lines.length, 2);
  assert.match(lines[0], /^Simulator/);
  assert.match(lines[1], /cannot be reached. Reconnecting.*drafts are kept/);
});
