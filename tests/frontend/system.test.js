/** The system view says what is wrong, and calls nothing well that is not known. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { facts, verdict } from "../../frontend/scripts/system.js";

const well = /** @type {any} */ ({ status: "ready", pollers: 1, paused: null, troubles: [], detail: "Tasks are taken and worked on." });
const overdue = { kind: "overdue", message: "Polls and submissions are 5 minutes late." };

test("all is well only where nothing is wrong", () => {
  assert.deepEqual(verdict(well, {}), { well: true, asks: false, word: "All is well", text: well.detail });
  assert.equal(verdict({ ...well, troubles: [overdue] }, {}).well, false);
  assert.equal(verdict({ ...well, status: "unavailable" }, {}).word, "Not ready");
});

const fact = (readiness, counts, name) => facts(readiness, counts).find((each) => each.name === name);

test("each trouble stands at its fact", () => {
  assert.equal(fact({ ...well, pollers: 0 }, {}, "Pollers alive").well, false);
  assert.deepEqual(fact({ ...well, troubles: [overdue] }, {}, "Polls and submissions"), { name: "Polls and submissions", value: overdue.message, well: false });
  assert.equal(fact({ ...well, paused: { message: "The key is refused." } }, {}, "Sending").value, "The key is refused.");
});

test("what is not told is not called well", () => {
  assert.equal(fact({ ...well, pollers: null }, {}, "Polls and submissions").value, "not told");
  assert.equal(fact(well, {}, "Unconfirmed").value, "…");
});

test("unconfirmed tasks ask for somebody, and lead to them", () => {
  assert.deepEqual(fact(well, { unconfirmed: { tasks: 100, more: true } }, "Unconfirmed"), { name: "Unconfirmed", to: "unconfirmed", value: "100 or more", well: true, asks: true });
  assert.equal(fact(well, { unconfirmed: { tasks: 0, more: false } }, "Unconfirmed").asks, false);
  assert.deepEqual(verdict(well, { unconfirmed: { tasks: 1, more: false } }), {
    well: true,
    asks: true,
    word: "Nothing is wrong",
    text: `1 unconfirmed task waits for somebody to decide. ${well.detail}`,
  });
});
