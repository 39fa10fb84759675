/** A single key does something only where it is not typing. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { chooseKeys, neighbour, shortcutOf, SHORTCUTS, wantsKeys } from "../../frontend/scripts/keyboard.js";
import { createPreferences } from "../../frontend/scripts/state/browser-storage.js";
import { fakeStorage } from "./storage.js";

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
  const storage = fakeStorage();
  assert.equal(wantsKeys(createPreferences(storage)), true);
  chooseKeys(createPreferences(storage), false);
  assert.equal(wantsKeys(createPreferences(storage)), false);
});
