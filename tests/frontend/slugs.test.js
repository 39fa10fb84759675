/** Every heading has a name of its own, and the same one at the next reading. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createSlugs } from "../../frontend/scripts/slugs.js";

const named = (...headings) => headings.map(createSlugs());

test("a name is made of the words", () => {
  assert.deepEqual(named("What stands out?", "  1. Höhe & Tiefe ", "潮汐 表"), ["what-stands-out", "1-höhe-tiefe", "潮汐-表"]);
});

test("equal headings have different names, whatever else is called so", () => {
  assert.deepEqual(named("Tides", "Tides 2", "Tides", "Tides", "!?", ""), ["tides", "tides-2", "tides-3", "tides-4", "section", "section-2"]);
});

test("a name is short", () => {
  assert.ok(named("word ".repeat(100))[0].length <= 60);
});

test("a hundred thousand equal headings take no time", () => {
  const names = named(...Array.from({ length: 100_000 }, () => "a"));
  assert.equal(new Set(names).size, 100_000);
});
