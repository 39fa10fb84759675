/** Drafts are kept, but not without end. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createDrafts } from "../../frontend/scripts/drafts.js";

/** @returns {any} */
function storage() {
  const kept = new Map();
  return { kept, getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => kept.set(name, text), removeItem: (name) => kept.delete(name) };
}
const draft = (attempt = null) => ({ key: "k", content: "text", attempt });

test("of more than fifty drafts the one unused longest goes", () => {
  const disk = storage();
  const drafts = createDrafts(disk);
  for (let number = 0; number < 50; number++) drafts.save(`slot-${number}`, draft());
  drafts.save("slot-0", draft());
  drafts.save("slot-50", draft());
  const afterReload = createDrafts(disk);
  assert.deepEqual(["slot-0", "slot-1", "slot-2", "slot-50"].map((slot) => afterReload.load(slot) !== null), [true, false, true, true]);
});

test("a draft under whose key a task may exist is never dropped for room", () => {
  const drafts = createDrafts(storage());
  drafts.save("uncertain", draft("uncertain"));
  for (let number = 0; number < 60; number++) drafts.save(`slot-${number}`, draft());
  assert.notEqual(drafts.load("uncertain"), null);
});

test("a draft that was sent leaves nothing behind", () => {
  const disk = storage();
  const drafts = createDrafts(disk);
  drafts.save("new", draft());
  drafts.remove("new");
  assert.deepEqual([...disk.kept], [["backburner.drafts", "[]"]]);
});
