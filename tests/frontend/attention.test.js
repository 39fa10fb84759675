/** Who is away hears of what ended meanwhile, in the way that was chosen, and of nothing twice. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createAttention, newlyFinished } from "../../frontend/scripts/state/attention.js";
import { createPreferences } from "../../frontend/scripts/state/browser-storage.js";
import { fakeStorage } from "./storage.js";
import { task } from "./task.js";

const open = task();
const done = task({ status: "completed", version: 2 });
const unsure = task({ status: "unconfirmed", version: 2 });

/** @param {{away?: boolean, chosen?: import("../../frontend/scripts/state/attention.js").Choice[], storage?: any}} [scene] */
function person({ away = true, chosen = [], storage = fakeStorage() } = {}) {
  const told = [];
  const preferences = createPreferences(storage);
  const scene = { isAway: () => away, preferences, notify: (each) => told.push(each.id) };
  const it = createAttention(scene);
  for (const choice of chosen) it.choose(choice, true);
  return { it, told };
}

test("a task is back when it ends, or when only a person can go on with it", () => {
  assert.deepEqual(newlyFinished([open], [done]), [done]);
  assert.deepEqual(newlyFinished([open], [unsure]), [unsure]);
  assert.deepEqual(newlyFinished([open], [task({ status: "in_progress" })]), []);
  assert.deepEqual(newlyFinished([open], [{ ...unsure, adopting: "resp_1" }]), []);
});

test("one that was not waited for here is no news", () => {
  assert.deepEqual(newlyFinished([], [done]), []);
  assert.deepEqual(newlyFinished([done], [done]), []);
  assert.deepEqual(newlyFinished([unsure], [done]), []);
});

test("nothing is counted or told unless it was chosen", () => {
  const { it, told } = person();
  it.onTasks([open], [done]);
  assert.equal(it.badge(), "");
  assert.deepEqual(told, []);
});

test("what was chosen happens while away, and coming back ends it", () => {
  const { it, told } = person({ chosen: ["count", "notify"] });
  it.onTasks([open, task({ id: "task_2" })], [done, { ...done, id: "task_2" }]);
  assert.equal(it.badge(), "(2) ");
  assert.deepEqual(told, ["task_1", "task_2"]);
  it.reset();
  assert.equal(it.badge(), "");
});

test("who looks at the page is not told", () => {
  const { it, told } = person({ away: false, chosen: ["count", "notify"] });
  it.onTasks([open], [done]);
  assert.equal(it.badge(), "");
  assert.deepEqual(told, []);
});

test("a choice is kept for the next visit, and can be taken back", () => {
  const storage = fakeStorage();
  person({ chosen: ["count"], storage });
  const { it } = person({ storage });
  assert.deepEqual([it.has("count"), it.has("notify")], [true, false]);
  it.choose("count", false);
  assert.equal(person({ storage }).it.has("count"), false);
});

test("where the browser keeps nothing, a choice holds as long as the page", () => {
  const preferences = createPreferences(fakeStorage({ disabled: true }));
  assert.equal(preferences.read("count"), null);
  preferences.choose("count", "yes");
  assert.equal(preferences.read("count"), "yes");
});
