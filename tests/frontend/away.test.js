/** Who is away hears of what ended meanwhile, in the way that was chosen, and of nothing twice. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createAway, returned } from "../../frontend/scripts/away.js";
import { createPreferences } from "../../frontend/scripts/preferences.js";
import { task } from "./task.js";

const open = task();
const done = task({ status: "completed", version: 2 });
const unsure = task({ status: "unconfirmed", version: 2 });

/** @param {{away?: boolean, chosen?: import("../../frontend/scripts/away.js").Choice[], storage?: any}} [scene] */
function person({ away = true, chosen = [], storage = new Map() } = {}) {
  const kept = { getItem: (name) => storage.get(name) ?? null, setItem: (name, value) => storage.set(name, value) };
  const told = [];
  const preferences = createPreferences(/** @type {any} */ (kept));
  const scene = { isAway: () => away, preferences, notify: (each) => told.push(each.id) };
  const it = createAway(scene);
  for (const choice of chosen) it.choose(choice, true);
  return { it, told };
}

test("a task is back when it ends, or when only a person can go on with it", () => {
  assert.deepEqual(returned([open], [done]), [done]);
  assert.deepEqual(returned([open], [unsure]), [unsure]);
  assert.deepEqual(returned([open], [task({ status: "in_progress" })]), []);
  assert.deepEqual(returned([open], [{ ...unsure, adopting: "resp_1" }]), []);
});

test("one that was not waited for here is no news", () => {
  assert.deepEqual(returned([], [done]), []);
  assert.deepEqual(returned([done], [done]), []);
  assert.deepEqual(returned([unsure], [done]), []);
});

test("nothing is counted or told unless it was chosen", () => {
  const { it, told } = person();
  it.hear([open], [done]);
  assert.equal(it.badge(), "");
  assert.deepEqual(told, []);
});

test("what was chosen happens while away, and coming back ends it", () => {
  const { it, told } = person({ chosen: ["count", "notify"] });
  it.hear([open, task({ id: "task_2" })], [done, { ...done, id: "task_2" }]);
  assert.equal(it.badge(), "(2) ");
  assert.deepEqual(told, ["task_1", "task_2"]);
  it.back();
  assert.equal(it.badge(), "");
});

test("who looks at the page is not told", () => {
  const { it, told } = person({ away: false, chosen: ["count", "notify"] });
  it.hear([open], [done]);
  assert.equal(it.badge(), "");
  assert.deepEqual(told, []);
});

test("a choice is kept for the next visit, and can be taken back", () => {
  const storage = new Map();
  person({ chosen: ["count"], storage });
  const { it } = person({ storage });
  assert.deepEqual([it.has("count"), it.has("notify")], [true, false]);
  it.choose("count", false);
  assert.equal(person({ storage }).it.has("count"), false);
});

test("where the browser keeps nothing, a choice holds as long as the page", () => {
  const refuse = () => {
    throw new Error("switched off");
  };
  const preferences = createPreferences(/** @type {any} */ ({ getItem: refuse, setItem: refuse }));
  assert.equal(preferences.read("count"), null);
  preferences.choose("count", "yes");
  assert.equal(preferences.read("count"), "yes");
});
