/** Every heading has a name of its own, and the same one at the next reading. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createSlugs } from "../../frontend/scripts/text/answer-names.js";
import { sourcesOf } from "../../frontend/scripts/text/sources.js";

const named = (...headings) => headings.map(createSlugs());

test("a name is made of the words", () => {
  assert.deepEqual(named("What stands out?", "  1. Höhe & Tiefe ", "潮汐 表"), ["what-stands-out", "1-höhe-tiefe", "潮汐-表"]);
  assert.ok(named("word ".repeat(100))[0].length <= 60);
});

test("equal headings have different names, whatever else is called so", () => {
  assert.deepEqual(named("Tides", "Tides 2", "Tides", "Tides", "!?", ""), ["tides", "tides-2", "tides-3", "tides-4", "section", "section-2"]);
});

test("a hundred thousand equal headings take no time", () => {
  const names = named(...Array.from({ length: 100_000 }, () => "a"));
  assert.equal(new Set(names).size, 100_000);
});

const cited = (url, title) => ({ url, title, start_index: 0, end_index: 1 });

test("an address cited twice is one source; without a title it goes by its address", () => {
  assert.equal(sourcesOf([cited("https://a.example/x", "")])[0].name, "https://a.example/x");
  const sources = sourcesOf([cited("https://b.example/", "B"), cited("https://a.example/", "A"), cited("https://b.example/", "again")]);
  assert.deepEqual(sources.map(({ id, name, host }) => [id, name, host]), [["source-1", "B", "b.example"], ["source-2", "A", "a.example"]]);
});

test("only web addresses become links", () => {
  const hostile = ["javascript:alert(1)", "data:text/html,x", "not an address", " java\nscript:alert(1)"];
  assert.deepEqual(sourcesOf(hostile.map((url) => cited(url, "x"))).map(({ href }) => href), [null, null, null, null]);
});

test("addresses that differ in tracking only are one source, as the API numbers them", () => {
  const groups = [
    ["https://e.com/a", "https://e.com/a?utm_source=openai", "https://e.com/a?gclid=1&FBCLID=2"],
    ["https://e.com/a?id=1", "https://e.com/a?utm_medium=x&id=1&&utm_source"],
    ["https://e.com/a?ref=main", "https://e.com/a?ref=main&utm_source=openai"],
    ["https://e.com/a#b", "https://e.com/a?utm_source=openai#b"],
    ["https://e.com/a#b?utm_source=x"],
    ["https://e.com/a?utmost=1"],
  ];
  const sources = sourcesOf(groups.flat().map((url) => cited(url, "")));
  assert.deepEqual(sources.map(({ href }) => href), groups.map(([first]) => first));
});
