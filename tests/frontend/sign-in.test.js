/** Whoever signs in or out is told what is true and what to do. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ownerName, signOutTerms } from "../../frontend/components/account/account.js";
import { Refused, Unreachable } from "../../frontend/scripts/connection/api.js";
import { explainSignIn } from "../../frontend/scripts/format/sign-in-text.js";
import { createSession, storageOf, tokenIn } from "../../frontend/scripts/state/browser-storage.js";
import { fakeStorage } from "./storage.js";

test("what is wrong with a token is told apart from what is wrong with the server", () => {
  assert.match(explainSignIn(new Refused(401, {}, null)), /Unknown token/);
  assert.match(explainSignIn(new Unreachable()), /did not respond/);
  assert.equal(explainSignIn(new Refused(429, { detail: "Too many requests." }, 2)), "Too many requests. Try again in 2 s.");
});

test("an admin is not called by a name, which is that of no task's owner", () => {
  assert.equal(ownerName({ id: "1", name: "alice", admin: false }), "alice");
  assert.equal(ownerName({ id: "2", name: "root", admin: true }), "an admin");
});

test("signing out names the drafts that go with it", () => {
  assert.doesNotMatch(signOutTerms(0), /draft/);
  assert.match(signOutTerms(1), /and 1 draft from this browser/);
  assert.match(signOutTerms(3), /and 3 drafts from this browser/);
});

const alices = (token) => ({ token, owner: "alice-id" });

test("a token stays in the tab, or in the browser where that was chosen, and in one of them only", () => {
  const [tab, browser] = [fakeStorage(), fakeStorage()];
  const session = createSession({ tab, browser });
  session.signIn(alices("bb_1"), false);
  assert.deepEqual([[...tab.kept.values()], [...browser.kept.values()]], [["alice-id", "bb_1"], []]);
  session.signIn(alices("bb_2"), true);
  assert.deepEqual([[...tab.kept.values()], [...browser.kept.values()]], [[], ["alice-id", "bb_2"]]);
  assert.deepEqual([session.token, session.owner], ["bb_2", "alice-id"]);
  session.forget();
  assert.deepEqual([session.token, session.owner, tab.kept.size, browser.kept.size], [null, "", 0, 0]);
});

test("where nothing can be kept it holds as long as the page", () => {
  const session = createSession({ tab: fakeStorage({ disabled: true }), browser: fakeStorage({ disabled: true }) });
  session.signIn(alices("bb_1"), true);
  assert.deepEqual([session.token, session.owner], ["bb_1", "alice-id"]);
  session.forget();
  assert.equal(session.token, null);
});

test("a storage that the browser blocks is replaced by one in memory", () => {
  const blocked = () => {
    throw new Error("SecurityError");
  };
  for (const read of [blocked, () => null]) {
    const storage = storageOf(/** @type {any} */ (read));
    storage.setItem("a", "1");
    assert.deepEqual([storage.getItem("a"), storage.length, storage.key(0)], ["1", 1, "a"]);
    storage.removeItem("a");
    assert.equal(storage.getItem("a"), null);
  }
});

test("what another tab does to the token is heard", () => {
  const session = createSession({ tab: fakeStorage(), browser: fakeStorage() });
  const heard = ["backburner.token", null, "backburner.drafts"].map((key) => session.concerns(/** @type {any} */ ({ key })));
  assert.deepEqual(heard, [true, true, false]);
});

test("a token is one word that a header can carry", () => {
  assert.equal(tokenIn("  bb_a-Z9\n"), "bb_a-Z9");
  for (const text of ["", "  ", "two words", "zwölf", "bb_1\nbb_2"]) assert.equal(tokenIn(text), null);
});
