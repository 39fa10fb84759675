/** Times are said as people say them, on the server's clock. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { age, checks, clockOffset, dayOf, dayRange, duration, elapsed, fullTime, retrySeconds } from "../../frontend/scripts/format/time.js";
import { task } from "./task.js";

const at = (time) => Date.parse(`2026-11-23T${time}Z`);

test("a duration names its two largest units", () => {
  const said = [-5, 0, 12_400, 60_000, 185_000, 3_600_000, 3_840_000, 183_600_000].map(duration);
  assert.deepEqual(said, ["0 s", "0 s", "12 s", "1 min 00 s", "3 min 05 s", "1 h 00 min", "1 h 04 min", "2 d 3 h"]);
});

test("elapsed time runs from acceptance to the end, and is never negative", () => {
  assert.equal(elapsed(task(), at("02:59:59")), "0 s");
  assert.equal(elapsed(task(), at("03:00:42")), "42 s");
  assert.equal(elapsed(task({ completed_at: "2026-11-23T03:02:00.000Z" }), at("09:00:00")), "2 min 00 s");
});

test("checks say when the last was and how many there were, without a second running clock", () => {
  const polled = { polls: 2, last_polled_at: "2026-11-23T03:01:00.000Z", next_poll_at: "2026-11-23T03:02:01.000Z" };
  const clock = new Date("2026-11-23T03:01:00.000Z").toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  assert.equal(checks(task(polled), at("03:01:12")), `Checked at ${clock} · 2 checks so far`);
  assert.equal(checks(task(polled), at("03:01:13")), checks(task(polled), at("03:01:12")));
  assert.equal(checks(task({ ...polled, polls: 1 }), at("03:02:30")), `Checked at ${clock} · 1 check so far · the next check is due`);
  assert.equal(checks(task({ next_poll_at: "2026-11-23T03:01:00.000Z" }), at("03:00:00")), "Not checked yet");
  assert.equal(checks(task(), at("03:00:00")), "");
});

test("a moment that is compared elsewhere names its second and its zone", () => {
  assert.match(fullTime("2026-11-23T03:22:36.123Z"), /2026.*\d\d:36.*[A-Z]/);
});

test("the clock's offset follows the server but not the Date header's rounding", () => {
  const local = at("03:00:00");
  const first = clockOffset(null, "Mon, 23 Nov 2026 03:05:00 GMT", local);
  assert.equal(first, 300_500);
  assert.equal(clockOffset(first, "Mon, 23 Nov 2026 03:05:00 GMT", local + 900), first);
  assert.equal(clockOffset(first, "Mon, 23 Nov 2026 04:05:00 GMT", local), 3_900_500);
  assert.equal(clockOffset(first, "nonsense", local), first);
});

test("Retry-After is read in seconds, and anything else is no promise", () => {
  assert.deepEqual(["30", " 5 ", "soon", "", null].map(retrySeconds), [30, 5, null, null, null]);
});

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

test("both days belong to it, from midnight to midnight", () => {
  process.env.TZ = "Asia/Kathmandu";
  const { created_after, created_before } = dayRange({ from: "2026-11-30", to: "2026-12-31" });
  assert.deepEqual([created_after, created_before], ["2026-11-29T18:15:00.000Z", "2026-12-31T18:15:00.000Z"]);
});

test("a day on which the clock is changed is as long as it is", () => {
  process.env.TZ = "Europe/Berlin";
  const { created_after, created_before } = dayRange({ from: "2026-10-25", to: "2026-10-25" });
  assert.equal(Date.parse(String(created_before)) - Date.parse(String(created_after)), 25 * 3_600_000);
});

test("only valid days count, and no day is no limit", () => {
  assert.deepEqual(dayRange({ from: null, to: null }), { created_after: null, created_before: null });
  for (const day of ["2026-11-23", "2028-02-29", "9999-12-31"]) assert.equal(dayOf(day), day);
  for (const day of ["", null, "2026-02-29", "2026-13-01", "2026-1-1", "0020-11-23", "yesterday", "2026-11-23T00:00"]) assert.equal(dayOf(day), null);
});

test("an age is short, and a day from yesterday on", () => {
  const now = new Date(2026, 10, 23, 15, 0).getTime();
  const then = (...parts) => age(new Date(2026, 10, ...parts).toISOString(), now);
  assert.deepEqual([then(23, 14, 59, 30), then(23, 14, 48), then(23, 9, 30), then(22, 21, 10), then(21, 9, 0)], ["now", "12 min", "5 h", "21:10", "21 Nov"]);
});
