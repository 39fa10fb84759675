/** Whoever signs in or out is told what is true and what to do. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Refused, Unreachable } from "../../frontend/scripts/api.js";
import { explainSignIn, leavingTerms, ownerOf } from "../../frontend/scripts/sign-in.js";

test("what is wrong with a token is told apart from what is wrong with the server", () => {
  assert.match(explainSignIn(new Refused(401, {}, null)), /not known/);
  assert.match(explainSignIn(new Unreachable()), /did not answer/);
  assert.equal(explainSignIn(new Refused(429, { detail: "Too many requests." }, 2)), "Too many requests. Try again in 2 s.");
});

test("an admin, who sees everybody's spending, is not called by the first name among them", () => {
  const owners = [{ owner: "alice" }, { owner: "bob" }];
  const spending = (installation) => /** @type {any} */ ({ today: { installation, owners } });
  assert.equal(ownerOf(spending(null)), "alice");
  assert.equal(ownerOf(spending({})), "an admin");
});

test("signing out names the drafts that go with it", () => {
  assert.doesNotMatch(leavingTerms(0), /draft/);
  assert.match(leavingTerms(1), /the draft that is kept here/);
  assert.match(leavingTerms(3), /3 drafts that are kept here/);
});
