/** The words of the view of notifications. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { eventWords, serviceName } from "../../frontend/components/notify/notify-text.js";

test("events and services have names, and an unknown one its own", () => {
  assert.equal(eventWords(["task.completed", "budget_warning", "x.y"]), "completed, budget warning, x.y");
  assert.deepEqual(["mailtos", "slack", "zulip"].map(serviceName), ["e-mail", "Slack", "zulip"]);
});
