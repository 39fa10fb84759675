/** A single key does something only where it is not typing. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createPreferences } from "../../frontend/scripts/preferences.js";
import { chooseKeys, neighbour, SHORTCUTS, shortcutOf, wantsKeys } from "../../frontend/scripts/shortcuts.js";

const press = (key, more = {}) => /** @type {any} */ ({ key, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, defaultPrevented: false, ...more });
const free = { typing: false, dialog: false, wanted: true };

test("each key does what the sheet says, and no two share one", () => {
  for (const { key, does } of SHORTCUTS) assert.equal(shortcutOf(press(key), free), does);
  assert.equal(shortcutOf(press("x"), free), null);
});

test("typing, a dialog, a wish not to, and the browser's own keys come first", () => {
  for (const because of [{ typing: true }, { dialog: true }, { wanted: false }]) assert.equal(shortcutOf(press("n"), { ...free, ...because }), null);
  for (const held of ["ctrlKey", "metaKey", "altKey", "isComposing", "defaultPrevented"])
    assert.equal(shortcutOf(press("n", { [held]: true }), free), null);
});

test("next and previous end at the ends of the list", () => {
  const tasks = [{ id: "a" }, { id: "b" }];
  assert.deepEqual([neighbour(tasks, "a", 1), neighbour(tasks, "b", 1), neighbour(tasks, "a", -1)], ["b", null, null]);
  assert.deepEqual([neighbour(tasks, null, 1), neighbour([], null, 1)], ["a", null]);
});

test("the wish not to be listened to is kept", () => {
  const kept = new Map();
  const storage = /** @type {any} */ ({ getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) });
  assert.equal(wantsKeys(createPreferences(storage)), true);
  chooseKeys(createPreferences(storage), false);
  assert.equal(wantsKeys(createPreferences(storage)), false);
});
