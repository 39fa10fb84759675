/** Of a hundred thousand rows a few dozen are drawn, and they are those in sight. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { nearsEnd, rowsInSight } from "../../frontend/scripts/window.js";

const sight = { height: 600, row: 60, count: 100_000 };

test("what is in sight is drawn, with some before and after", () => {
  assert.deepEqual(rowsInSight({ ...sight, above: 60_000 }), { first: 988, last: 1022 });
});

test("nothing is drawn beyond either end", () => {
  assert.deepEqual(rowsInSight({ ...sight, above: -300 }), { first: 0, last: 17 });
  assert.deepEqual(rowsInSight({ ...sight, above: 6_000_000 }), { first: 99_988, last: 100_000 });
  assert.deepEqual(rowsInSight({ ...sight, above: 60_000, count: 5 }), { first: 5, last: 5 });
  assert.deepEqual(rowsInSight({ ...sight, above: -9_000 }), { first: 0, last: 0 });
});

test("more is asked for before the end is seen", () => {
  assert.deepEqual([nearsEnd(60, 100), nearsEnd(61, 100)], [false, true]);
});
