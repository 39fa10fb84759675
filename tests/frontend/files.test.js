/** A file is saved under the name that the server gives it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { fileName } from "../../frontend/scripts/files.js";

test("the full name is taken, in any alphabet", () => {
  const header = "attachment; filename=\"gezeiten-task_1.md\"; filename*=UTF-8''%E6%BD%AE-task_1.md";
  assert.equal(fileName(header, "x.json"), "潮-task_1.md");
});

test("without a name, or with one that cannot be read, another is at hand", () => {
  for (const header of [null, "", "attachment", "attachment; filename*=UTF-8''%E6%BD"]) assert.equal(fileName(header, "x.json"), "x.json");
});

test("a name leads into no folder", () => {
  assert.equal(fileName("attachment; filename*=UTF-8''..%2F..%5Ca.md", "x"), "..-..-a.md");
});
