/** Whoever signs in or out is told what is true and what to do. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ownerName, signOutTerms } from "../../frontend/components/account/account.js";
import { Refused, Unreachable } from "../../frontend/scripts/connection/api.js";
import { explainSignIn } from "../../frontend/scripts/format/sign-in-text.js";
import { createSession, tokenIn } from "../../frontend/scripts/state/browser-storage.js";
import { fakeStorage } from "./storage.js";

test("what is wrong with a token is told apart from what is wrong with the server", () => {
  assert.match(explainSignIn(new Refused(401, {}, null)), /Unknown token/);
  assert.match(explainSignIn(new Unreachable()), /did not respond/);
  assert.equal(explainSignIn(new Refused(429, { detail: "Too many requests." }, 2)), "Too many requests. Try again in 2 s.");
});

test("an admin, who sees everybody's spending, is not called by the first name among them", () => {
  const owners = [{ owner: "alice" }, { owner: "bob" }];
  const spending = (installation) => /** @type {any} */ ({ today: { installation, owners } });
  assert.equal(ownerName(spending(null)), "alice");
  assert.equal(ownerName(spending({})), "an admin");
});

test("signing out names the drafts that go with it", () => {
  assert.doesNotMatch(signOutTerms(0), /draft/);
  assert.match(signOutTerms(1), /and 1 draft from this browser/);
  assert.match(signOutTerms(3), /and 3 drafts from this browser/);
});

test("a token stays in the tab, or in the browser where that was chosen, and in one of them only", () => {
  const [tab, browser] = [fakeStorage(), fakeStorage()];
  const session = createSession({ tab, browser });
  session.signIn("bb_1", false);
  assert.deepEqual([[...tab.kept.values()], [...browser.kept.values()]], [["bb_1"], []]);
  session.signIn("bb_2", true);
  assert.deepEqual([[...tab.kept.values()], [...browser.kept.values()]], [[], ["bb_2"]]);
  assert.equal(session.token, "bb_2");
  session.forget();
  assert.deepEqual([session.token, tab.kept.size, browser.kept.size], [null, 0, 0]);
});

test("where nothing can be kept it holds as long as the page", () => {
  const session = createSession({ tab: fakeStorage({ disabled: true }), browser: fakeStorage({ disabled: true }) });
  session.signIn("bb_1", true);
  assert.equal(session.token, "bb_1");
  session.forget();
  assert.equal(session.token, null);
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
