/** Money and tokens are never made to look more certain than they are. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { cost, tokens } from "../../frontend/scripts/format/cost.js";
import { rowFigures } from "../../frontend/scripts/format/row.js";
import { task } from "./task.js";

test("a cost has cents, a tiny one more, an unknown one none", () => {
  const said = [1.4289, 0, 0.0012, 120, null].map((cost_usd) => cost(task({ cost_usd })));
  assert.deepEqual(said, ["$1.43", "$0.00", "$0.0012", "$120.00", "unknown"]);
});

test("the simulator's answers cost nothing, and what they would cost is marked as such", () => {
  assert.equal(cost(task({ provider: "simulator", cost_usd: 1.4289 })), "nothing (the real model: about $1.43)");
});

test("a cost that is not known is shown with what the budget counts for it", () => {
  assert.equal(cost(task({ status: "cancelled", estimated_cost_usd: 2 })), "unknown; the budget counts $2.00");
});

test("what was never sent cost nothing, and what is still watched may yet tell", () => {
  const paid = (receipt) => cost(task({ status: "cancelled", receipt }));
  assert.equal(paid({ sent: "no", settled: true }), "nothing: it was never sent");
  assert.equal(paid({ sent: "yes", settled: false }), "not known yet");
  assert.equal(paid({ sent: "unknown", settled: true }), "unknown");
});

test("tokens name the reasoning among them, and a question mark what is missing", () => {
  assert.deepEqual([null, {}, { input_tokens: 5 }].map(tokens), ["unknown", "? in, ? out", "5 in, ? out"]);
  const usage = { input_tokens: 30988, output_tokens: 8034, output_tokens_details: { reasoning_tokens: 2560 } };
  assert.equal(tokens(usage), "30,988 in, 8,034 out (2,560 of them reasoning)");
});

const now = Date.parse("2026-11-23T03:10:00Z");
const ended = { status: "completed", completed_at: "2026-11-23T03:01:05.000Z" };

test("an open task's time goes on, an ended one's has stopped", () => {
  assert.equal(rowFigures(task(), now).lasted, "10 min 00 s");
  assert.equal(rowFigures(task(ended), now).lasted, "1 min 05 s");
});

test("the cost is what was really paid", () => {
  const paid = (differences) => rowFigures(task({ ...ended, ...differences }), now).cost;
  assert.deepEqual([paid({ cost_usd: 1.4289 }), paid({}), paid({ receipt: { sent: "no" } })], ["$1.43", "unknown", "nothing"]);
  assert.equal(paid({ provider: "simulator", cost_usd: 1.4289 }), "nothing");
  assert.equal(cost(task({ ...ended, provider: "simulator" })), "nothing");
  assert.equal(paid({ receipt: { sent: "yes", settled: false } }), "not known yet"); // as among its facts
  assert.equal(paid({ cost_usd: 1234.5 }), "$1,234.50");
  assert.equal(rowFigures(task(), now).cost, "");
});
