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

/** @param {{away?: boolean, wanted?: boolean, storage?: any}} [scene] */
function person({ away = true, wanted = false, storage = fakeStorage() } = {}) {
  const told = [];
  const preferences = createPreferences(storage);
  const scene = { isAway: () => away, preferences, notify: (each) => told.push(each.id) };
  const it = createAttention(scene);
  if (wanted) it.chooseNotices(true);
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

for (const [name, scene, expected] of /** @type {const} */ ([
  ["nobody is told who did not choose it", {}, []],
  ["who chose it is told while away", { wanted: true }, ["task_1", "task_2"]],
  ["who looks at the page is not told", { wanted: true, away: false }, []],
]))
  test(name, () => {
    const { it, told } = person(scene);
    it.onTasks([open, task({ id: "task_2" })], [done, { ...done, id: "task_2" }]);
    assert.deepEqual(told, expected);
  });

test("a choice is kept for the next visit, and can be taken back", () => {
  const storage = fakeStorage();
  person({ wanted: true, storage });
  const { it } = person({ storage });
  assert.equal(it.wantsNotices(), true);
  it.chooseNotices(false);
  assert.equal(person({ storage }).it.wantsNotices(), false);
});

test("where the browser keeps nothing, a choice holds as long as the page", () => {
  const preferences = createPreferences(fakeStorage({ disabled: true }));
  assert.equal(preferences.read("notify"), null);
  preferences.choose("notify", "yes");
  assert.equal(preferences.read("notify"), "yes");
});
