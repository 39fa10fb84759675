/** A conversation says how large it is before the API has to refuse it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { sizeOf } from "../../frontend/scripts/size.js";

/** @returns {{input: import("../../frontend/scripts/types.js").Message[]}} */
const body = (...texts) => ({ input: texts.map((text) => ({ role: "user", content: [{ type: "input_text", text }] })) });

test("all texts count together, and an empty conversation has no size", () => {
  assert.equal(sizeOf(body("a".repeat(1000), "b".repeat(234))).says, "1,234 characters.");
  assert.equal(sizeOf(body("a")).says, "1 character.");
  assert.deepEqual(sizeOf(body("")), { says: "", isTooLarge: false });
});

test("the limit is one of bytes, as the API counts them", () => {
  const most = 4 * 1024 * 1024 - JSON.stringify(body("")).length;
  assert.equal(sizeOf(body("a".repeat(most))).isTooLarge, false);
  assert.equal(sizeOf(body("a".repeat(most + 1))).isTooLarge, true);
  assert.match(sizeOf(body("é".repeat(most))).says, /^Too large to send: 8\.0 MB/);
});
