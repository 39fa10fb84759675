/** The system view says what is wrong, and calls nothing well that is not known. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { bars, ceiling, everyDay } from "../../frontend/components/system/chart.js";
import { facts, summary } from "../../frontend/scripts/format/system-status.js";

const well = /** @type {any} */ ({ status: "ready", pollers: 1, paused: null, issues: [], detail: "Tasks are accepted and processed." });
const overdue = { kind: "overdue", message: "Polls and submissions are 5 minutes late." };

test("all is well only where nothing is wrong", () => {
  assert.deepEqual(summary(well, {}), { well: true, asks: false, word: "All is well", text: well.detail });
  assert.equal(summary({ ...well, issues: [overdue] }, {}).well, false);
  assert.equal(summary({ ...well, status: "unavailable" }, {}).word, "Not ready");
});

const fact = (readiness, counts, name) => facts(readiness, counts).find((each) => each.name === name);

test("each trouble stands at its fact", () => {
  assert.equal(fact({ ...well, pollers: 0 }, {}, "Pollers alive").well, false);
  assert.deepEqual(fact({ ...well, issues: [overdue] }, {}, "Polls and submissions"), { name: "Polls and submissions", value: overdue.message, well: false });
  assert.equal(fact({ ...well, paused: { message: "The key is refused." } }, {}, "Sending").value, "The key is refused.");
});

test("the model stands among the facts, and when it ends", () => {
  const ending = { kind: "model_shutdown", message: "OpenAI shuts it down in 11 days." };
  assert.deepEqual(fact({ ...well, model: "gpt-5-pro" }, {}, "Model"), { name: "Model", value: "gpt-5-pro", well: true, asks: false });
  assert.deepEqual(fact({ ...well, model: "gpt-5-pro", issues: [ending] }, {}, "Model"), { name: "Model", value: "gpt-5-pro, which ends soon", well: true, asks: true });
  assert.deepEqual(summary({ ...well, issues: [ending], detail: ending.message }, {}), { well: true, asks: true, word: "The model ends soon", text: ending.message });
});

test("what an accepted task survives stands among the facts", () => {
  assert.equal(fact({ ...well, durability: "It survives." }, {}, "Durability").value, "It survives.");
  assert.equal(fact(well, {}, "Durability").value, "unknown");
});

test("what is not told is not called well", () => {
  assert.equal(fact({ ...well, pollers: null }, {}, "Polls and submissions").value, "unknown");
  assert.equal(fact(well, {}, "Unconfirmed").value, "…");
});

test("unconfirmed tasks ask for somebody, and lead to them", () => {
  assert.deepEqual(fact(well, { unconfirmed: { tasks: 100, more: true } }, "Unconfirmed"), { name: "Unconfirmed", to: "unconfirmed", value: "100 or more", well: true, asks: true });
  assert.equal(fact(well, { unconfirmed: { tasks: 0, more: false } }, "Unconfirmed").asks, false);
  assert.deepEqual(summary(well, { unconfirmed: { tasks: 1, more: false } }), {
    well: true,
    asks: true,
    word: "A decision is needed",
    text: `1 unconfirmed task needs a decision. ${well.detail}`,
  });
});

const day = (date, cost_usd, wasted_usd = 0) => ({ date, cost_usd, wasted_usd, tasks: 1, unpriced: 0 });

test("days without a task have their place, over the end of a month too", () => {
  const all = everyDay({ since: "2026-10-30", until: "2026-11-02", days: [day("2026-11-01", 2)] });
  assert.deepEqual(all.map(({ date, cost_usd }) => [date, cost_usd]), [["2026-10-30", 0], ["2026-10-31", 0], ["2026-11-01", 2], ["2026-11-02", 0]]);
});

test("the scale ends at a round figure", () => {
  assert.deepEqual([0, 0.03, 1, 1.43, 5.01, 70, 100].map(ceiling).map((n) => Number(n.toFixed(6))), [1, 0.05, 1, 2, 10, 100, 100]);
});

test("what was wasted stands on what was not, and both together are the day's cost", () => {
  const [bar] = bars([day("2026-11-01", 8, 2)], { width: 10, height: 100, top: 10 });
  assert.deepEqual([bar.useful, bar.wasted], [{ y: 40, height: 60 }, { y: 20, height: 20 }]);
});
