/** Each view has an address, and an address leads to one view. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { isSamePlace, listAddress, newFromAddress, notifyAddress, routeOf, sectionAddress, sectionOf, systemAddress, taskAddress } from "../../frontend/scripts/router.js";

test("addresses lead to their views", () => {
  assert.deepEqual(routeOf(taskAddress("task_1")), { view: "task", id: "task_1" });
  assert.deepEqual(routeOf(listAddress()), { view: "list", status: null, q: "", from: null, to: null });
  assert.deepEqual(routeOf(systemAddress), { view: "system" });
  assert.deepEqual(routeOf(notifyAddress), { view: "notify" });
  for (const hash of ["", "#", "#/", "#/new"]) assert.deepEqual(routeOf(hash), { view: "new", from: null });
  assert.deepEqual(routeOf(newFromAddress("task_1")), { view: "new", from: "task_1" });
  for (const hash of ["#/tasks/../x", "#/tasks/", "#source-1", "#/settings"]) assert.deepEqual(routeOf(hash), { view: "unknown" });
});

test("a section of an answer has an address within its task's", () => {
  const address = sectionAddress("task_1", "höhe-潮");
  assert.deepEqual(routeOf(address), { view: "task", id: "task_1" });
  assert.equal(sectionOf(address), "höhe-潮");
  assert.equal(sectionOf(taskAddress("task_1")), null);
});

test("what the list is narrowed to is in its address, whatever was written", () => {
  for (const q of ['"lina & co" 100% #1? a+b', "بحر", "offsh*"])
    assert.deepEqual(routeOf(listAddress({ status: "failed", q })), { view: "list", status: "failed", q, from: null, to: null });
  assert.deepEqual(routeOf(listAddress({ from: "2026-11-01", to: "2026-11-23" })), { view: "list", status: null, q: "", from: "2026-11-01", to: "2026-11-23" });
});

test("a state or a day that there is not, and words without an end, are left out", () => {
  assert.deepEqual(routeOf("#/tasks?status=constructor&q=+&from=2026-02-30&to=yesterday"), { view: "list", status: null, q: "", from: null, to: null });
  assert.equal(/** @type {any} */ (routeOf(`#/tasks?q=${"x".repeat(300)}`)).q.length, 200);
});

test("narrowing the list moves nobody", () => {
  assert(isSamePlace(routeOf("#/tasks"), routeOf("#/tasks?q=x")));
  assert(!isSamePlace(routeOf("#/tasks"), routeOf("#/system")));
  assert(!isSamePlace(routeOf(taskAddress("a")), routeOf(taskAddress("b"))));
});

test("how the list is sorted is in its address", () => {
  assert.equal(listAddress({ sort: "cost" }), "#/tasks?sort=cost");
  assert.equal(/** @type {any} */ (routeOf("#/tasks?sort=cost")).sort, "cost");
  assert(!("sort" in routeOf("#/tasks?sort=title")));
});
