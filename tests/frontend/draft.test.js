/** A draft never starts two tasks unless a person says so. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { edited, freshDraft, sending, sentAnew, settled } from "../../frontend/scripts/draft.js";

const newKey = () => "new";
const draft = freshDraft("old", "text");

test("editing before anything is sent keeps the key", () => {
  assert.deepEqual(edited(draft, "more", newKey), { key: "old", content: "more", attempt: null });
});

test("a page that closes while sending finds the draft uncertain, under the same key", () => {
  assert.deepEqual(sending(draft), { key: "old", content: "text", attempt: "uncertain" });
});

test("after a definite refusal the same text keeps its key and another text gets a new one", () => {
  const refused = settled(draft, "refused");
  assert.equal(refused.key, "old");
  assert.deepEqual(edited(refused, "other", newKey), { key: "new", content: "other", attempt: null });
});

test("while an earlier text may have been accepted, another text keeps the key", () => {
  const uncertain = settled(draft, "uncertain");
  assert.deepEqual(edited(uncertain, "other", newKey), { key: "old", content: "other", attempt: "uncertain" });
});

test("a refusal does not settle an earlier attempt that got no answer", () => {
  const refusedLater = settled(settled(draft, "uncertain"), "refused");
  assert.equal(edited(refusedLater, "other", newKey).key, "old");
});

test("a conflict keeps its key through edits until a person sends the text anew", () => {
  const conflict = edited(settled(draft, "conflict"), "other", newKey);
  assert.deepEqual(conflict, { key: "old", content: "other", attempt: "conflict" });
  assert.deepEqual(sentAnew(conflict, newKey), { key: "new", content: "other", attempt: null });
});
