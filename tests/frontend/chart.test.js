/** The chart shows every day, to scale. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { bars, ceiling, everyDay } from "../../frontend/scripts/chart.js";

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
