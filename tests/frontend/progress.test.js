/** The bar says how many earlier tasks had ended by now, and never that this one is about to. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { progressOf } from "../../frontend/components/progress/progress.js";
import { task } from "./task.js";

const SENT = Date.parse("2026-11-23T03:00:00.000Z");
const running = task({ status: "in_progress", submitted_at: "2026-11-23T03:00:00.000Z" });
/** @returns {import("../../frontend/scripts/types.js").TaskProgress} */
const assessment = (differences = {}) => ({ pace: "usual", usual: { p50: 600, p90: 1500 }, checked_at: null, at_risk: null, message: "It has run long.", ...differences });
const after = (seconds, found = assessment()) => progressOf(running, found, SENT + seconds * 1000);

test("half of the bar is the time that half of the tasks took, and nine tenths that of nine of ten", () => {
  assert.deepEqual([0, 300, 600, 1050, 1500].map((seconds) => after(seconds).share), [0, 0.25, 0.5, 0.7, 0.9]);
  assert.equal(after(-5).share, 0); // a clock behind the server's
  assert.equal(after(10, assessment({ usual: { p50: 10, p90: 10 } })).share, 0.9);
});

test("however long it takes, the bar stays at nine tenths and the words say that it is late", () => {
  const late = after(90_000);
  assert.equal(late.share, 0.9);
  assert.equal(late.late, true);
  assert.equal(late.says, "Longer than nine of ten tasks (25 min). It may still finish.");
  assert.equal(after(1600, assessment({ pace: "slow" })).says, "It has run long."); // the API's text
});

test("in time it says what is usual", () => {
  assert.deepEqual(after(30), { share: 0.025, late: false, says: "Usually 10 min; rarely over 25 min." });
  assert.match(after(0, assessment({ usual: { p50: 0.7, p90: 42.1 } })).says, /^Usually 1 s; rarely over 43 s\.$/);
});

test("with too few tasks there is no bar, and it is said why", () => {
  assert.equal(after(30, assessment({ usual: null })).share, null);
  assert.match(after(30, assessment({ usual: null })).says, /needs five finished tasks/);
});

test("an answer that may be lost is said, whatever the time", () => {
  const risk = after(30, assessment({ at_risk: { since: "", message: "Nobody looks." } }));
  assert.equal(risk.late, true);
  assert.match(risk.says, /Nobody looks\.$/);
});

test("only a task that is worked on has a bar", () => {
  for (const status of ["queued", "submitting", "unconfirmed", "completed", "failed"])
    assert.equal(progressOf({ ...running, status }, assessment(), SENT), null);
  assert.equal(progressOf(running, null, SENT), null);
});
