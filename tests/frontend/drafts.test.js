/** A draft is kept with its idempotency key, and never starts two tasks unless a person says so. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createDrafts, edited, freshDraft, sending, settled, withNewKey } from "../../frontend/scripts/state/drafts.js";
import { fakeStorage, fakeTab } from "./storage.js";

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
let ids = 0;
let times = 0;

/** @param {any} parts */
const draftsIn = ({ storage = fakeStorage(), tab = fakeTab(), owner = "alice-id" } = {}) =>
  createDrafts({ storage, tab, owner, newId: () => `id-${++ids}`, now: () => ++times });

test("of more than fifty drafts the one unused longest is dropped", () => {
  const drafts = draftsIn();
  for (let number = 0; number < 50; number++) drafts.save(`slot-${number}`, draft());
  drafts.save("slot-0", draft());
  drafts.save("slot-50", draft());
  assert.deepEqual(["slot-0", "slot-1", "slot-2", "slot-50"].map((slot) => drafts.load(slot) !== null), [true, false, true, true]);
});

test("a draft under whose key a task may exist is never dropped", () => {
  const drafts = draftsIn();
  drafts.save("uncertain", draft("uncertain"));
  for (let number = 0; number < 60; number++) drafts.save(`slot-${number}`, draft());
  assert.notEqual(drafts.load("uncertain"), null);
});

test("a draft that was sent, or of which nothing is left, leaves nothing behind", () => {
  const storage = fakeStorage();
  const drafts = draftsIn({ storage });
  drafts.save("new", draft());
  drafts.remove("new");
  drafts.save("new", draft());
  drafts.save("new", { ...draft("refused"), content: { blocks: [{ role: "user", text: " " }] } });
  assert.deepEqual([...storage.kept], []);
});

test("each owner of a browser has drafts of their own, without a token in their names", () => {
  const storage = fakeStorage();
  draftsIn({ storage, owner: "alice-id" }).save("new", draft());
  const bobs = draftsIn({ storage, tab: fakeTab("tab-2"), owner: "bob-id" });
  assert.deepEqual([bobs.load("new"), bobs.list(), bobs.count], [null, [], 0]);
  bobs.removeAll();
  assert.equal(draftsIn({ storage, owner: "alice-id" }).count, 1);
});

test("a form that is being left at sign-out does not save again", () => {
  const storage = fakeStorage();
  const drafts = draftsIn({ storage });
  drafts.save("new", draft());
  drafts.removeAll();
  drafts.save("new", draft());
  assert.equal(storage.kept.size, 0);
});

test("two tabs have a draft each, and each sees both", () => {
  const storage = fakeStorage();
  const [one, two] = [draftsIn({ storage, tab: fakeTab("a", { open: ["b"] }) }), draftsIn({ storage, tab: fakeTab("b", { open: ["a"] }) })];
  one.save("new", { ...draft(), content: "one" });
  two.save("new", { ...draft(), key: "other", content: "two" });
  assert.deepEqual([one.load("new")?.content, two.load("new")?.content], ["one", "two"]);
  assert.deepEqual(one.list().map(({ text, isHere, isElsewhere }) => [text, isHere, isElsewhere]), [["two", false, true], ["one", true, false]]);
});

test("the draft of a tab that was closed is taken up by the next, with a key of its own", () => {
  const storage = fakeStorage();
  draftsIn({ storage, tab: fakeTab("closed") }).save("new", draft());
  const drafts = draftsIn({ storage, tab: fakeTab("next") });
  const taken = drafts.load("new");
  assert.deepEqual([taken?.content, drafts.load("new")?.key === taken?.key, taken?.key === "k"], ["text", true, false]);
  drafts.remove("new");
  draftsIn({ storage, tab: fakeTab("closed too") }).save("new", draft());
  assert.equal(drafts.load("new"), null); // not in place of what was just sent
});

test("where the browser does not tell which tabs are open, a draft is taken up by hand only", () => {
  const storage = fakeStorage();
  draftsIn({ storage, tab: fakeTab("a", { open: null }) }).save("new", draft());
  const drafts = draftsIn({ storage, tab: fakeTab("b", { open: null }) });
  assert.equal(drafts.load("new"), null);
  drafts.take(drafts.list()[0].id);
  assert.equal(drafts.load("new")?.content, "text");
});
