/** Days are the reader's: they begin at the reader's midnight, whatever the clocks do that day. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { dayOf, momentsOf } from "../../frontend/scripts/days.js";

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

test("both days belong to it, from midnight to midnight", () => {
  process.env.TZ = "Asia/Kathmandu";
  const { created_after, created_before } = momentsOf({ from: "2026-11-30", to: "2026-12-31" });
  assert.deepEqual([created_after, created_before], ["2026-11-29T18:15:00.000Z", "2026-12-31T18:15:00.000Z"]);
});

test("a day on which the clock is changed is as long as it is", () => {
  process.env.TZ = "Europe/Berlin";
  const { created_after, created_before } = momentsOf({ from: "2026-10-25", to: "2026-10-25" });
  assert.equal(Date.parse(String(created_before)) - Date.parse(String(created_after)), 25 * 3_600_000);
});

test("no day is no limit", () => {
  assert.deepEqual(momentsOf({ from: null, to: null }), { created_after: null, created_before: null });
});

test("only days that there are count", () => {
  for (const day of ["2026-11-23", "2028-02-29", "9999-12-31"]) assert.equal(dayOf(day), day);
  for (const day of ["", null, "2026-02-29", "2026-13-01", "2026-1-1", "0020-11-23", "yesterday", "2026-11-23T00:00"]) assert.equal(dayOf(day), null);
});
