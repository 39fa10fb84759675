/** Each view has an address, and an address leads to one view. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { newFromAddress, routeOf, taskAddress } from "../../frontend/scripts/router.js";

test("addresses lead to their views", () => {
  assert.deepEqual(routeOf(taskAddress("task_1")), { view: "task", id: "task_1" });
  assert.deepEqual(routeOf("#/tasks"), { view: "list" });
  for (const hash of ["", "#", "#/", "#/new"]) assert.deepEqual(routeOf(hash), { view: "new", from: null });
  assert.deepEqual(routeOf(newFromAddress("task_1")), { view: "new", from: "task_1" });
});

test("anything else is said to lead nowhere", () => {
  for (const hash of ["#/tasks/../x", "#/tasks/", "#source-1", "#/settings"])
    assert.deepEqual(routeOf(hash), { view: "unknown" });
});
