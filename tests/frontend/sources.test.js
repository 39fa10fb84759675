/** Sources are numbered as the notes in the answer are: by address, in order of first mention. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { sourcesOf } from "../../frontend/scripts/sources.js";

const cited = (url, title) => ({ url, title, start_index: 0, end_index: 1 });

test("an address cited twice is one source", () => {
  const sources = sourcesOf([cited("https://b.example/", "B"), cited("https://a.example/", "A"), cited("https://b.example/", "again")]);
  assert.deepEqual(sources.map(({ id, name, host }) => [id, name, host]), [["source-1", "B", "b.example"], ["source-2", "A", "a.example"]]);
});

test("a source without a title goes by its address", () => {
  assert.equal(sourcesOf([cited("https://a.example/x", "")])[0].name, "https://a.example/x");
});

test("only web addresses become links", () => {
  const hostile = ["javascript:alert(1)", "data:text/html,x", "not an address", " java\nscript:alert(1)"];
  assert.deepEqual(sourcesOf(hostile.map((url) => cited(url, "x"))).map(({ href }) => href), [null, null, null, null]);
});
