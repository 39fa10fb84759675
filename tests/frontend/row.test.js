/** A row says what was paid, and nothing where that is not known yet. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { rowFigures } from "../../frontend/scripts/row.js";
import { task } from "./task.js";

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
  assert.equal(rowFigures(task(), now).cost, "");
});
