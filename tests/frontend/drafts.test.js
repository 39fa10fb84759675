/** A draft is kept with its idempotency key, and never starts two tasks unless a person says so. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createDrafts, edited, freshDraft, sending, settled, withNewKey } from "../../frontend/scripts/state/drafts.js";
import { fakeStorage } from "./storage.js";

const newKey = () => "new";
const fresh = freshDraft("old", "text");
const uncertain = settled(fresh, "uncertain");

for (const [name, draft, expected] of /** @type {const} */ ([
  ["before anything is sent, an edit keeps the key", fresh, { key: "old", attempt: null }],
  ["after a refusal, an edit gets a new key", settled(fresh, "refused"), { key: "new", attempt: null }],
  ["while a task may exist, an edit keeps the key", sending(fresh), { key: "old", attempt: "uncertain" }],
  ["without an answer, an edit keeps the key", uncertain, { key: "old", attempt: "uncertain" }],
  ["a refusal does not settle an earlier attempt without an answer", settled(uncertain, "refused"), { key: "old", attempt: "uncertain" }],
  ["a conflict keeps its key through edits", settled(fresh, "conflict"), { key: "old", attempt: "conflict" }],
]))
  test(name, () => {
    assert.deepEqual(edited(draft, "other", newKey), { ...expected, content: "other" });
  });

test("the same text keeps its key after a refusal, until a person sends it as a task of its own", () => {
  assert.equal(settled(fresh, "refused").key, "old");
  assert.deepEqual(withNewKey(settled(fresh, "conflict"), newKey), freshDraft("new", "text"));
});

const draft = (attempt = null) => ({ key: "k", content: "text", attempt });

test("of more than fifty drafts the one unused longest is dropped", () => {
  const storage = fakeStorage();
  const drafts = createDrafts(storage);
  for (let number = 0; number < 50; number++) drafts.save(`slot-${number}`, draft());
  drafts.save("slot-0", draft());
  drafts.save("slot-50", draft());
  const afterReload = createDrafts(storage);
  assert.deepEqual(["slot-0", "slot-1", "slot-2", "slot-50"].map((slot) => afterReload.load(slot) !== null), [true, false, true, true]);
});

test("a draft under whose key a task may exist is never dropped", () => {
  const drafts = createDrafts(fakeStorage());
  drafts.save("uncertain", draft("uncertain"));
  for (let number = 0; number < 60; number++) drafts.save(`slot-${number}`, draft());
  assert.notEqual(drafts.load("uncertain"), null);
});

test("a draft that was sent leaves nothing behind", () => {
  const storage = fakeStorage();
  const drafts = createDrafts(storage);
  drafts.save("new", draft());
  drafts.remove("new");
  assert.deepEqual([...storage.kept], [["backburner.drafts", "[]"]]);
});
