/** Before a task is sent, its size, usual cost and what today's budget leaves are told, and nothing is made up. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { budgetText, rounded, usually } from "../../frontend/components/composer/submission-status.js";

const estimate = { duration_s: { p50: 1320, p90: 2000 }, cost_usd: { p50: 1.1, p90: 2 } };
const spending = (/** @type {any} */ allowance, provider = "openai") => /** @type {any} */ ({ provider, today: { installation: null, owners: [{ spent_usd: 12.4, reserved_usd: 0, budget_usd: 50, left_usd: 37.6, ...allowance }] } });

test("a size has two digits", () => {
  assert.deepEqual([0, 1, 9, 314, 10_960, 262_144].map(rounded), ["0", "1", "9", "310", "11,000", "260,000"]);
});

test("usual cost and time are told where they are known", () => {
  assert.equal(usually(estimate, spending({})), "Usually $1.10, 22 min.");
  assert.equal(usually({ ...estimate, cost_usd: null }, spending({})), "Usually 22 min; the cost is not known yet.");
  assert.equal(usually({ duration_s: null, cost_usd: null }, spending({})), "No estimate yet: that needs five finished tasks.");
  assert.equal(usually(estimate, spending({}, "simulator")), "Usually 22 min; nothing is paid.");
});

test("today's spending stands against the budget, and a full one is told before sending", () => {
  assert.equal(budgetText(estimate, spending({})), "Today $12.40 of $50.00.");
  assert.equal(budgetText(estimate, spending({ reserved_usd: 3 })), "Today $12.40 and $3.00 reserved of $50.00.");
  assert.equal(budgetText(estimate, spending({ left_usd: 1 })), "Today $12.40 of $50.00. The task may wait until midnight UTC.");
  assert.equal(budgetText(estimate, spending({ budget_usd: null, left_usd: null })), "Today $12.40.");
  assert.equal(budgetText(estimate, spending({ budget_usd: null, left_usd: null }, "simulator")), "");
});
