/** A token is kept as long as was chosen, and is gone when it is forgotten. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createSession, tokenIn } from "../../frontend/scripts/session.js";

/** A browser's storage; `broken` throws, as one that is switched off. */
function storage(broken = false) {
  const kept = new Map();
  const guarded = (doing) => (...given) => {
    if (broken) throw new Error("SecurityError");
    return doing(...given);
  };
  return /** @type {any} */ ({
    kept,
    getItem: guarded((name) => kept.get(name) ?? null),
    setItem: guarded((name, value) => kept.set(name, value)),
    removeItem: guarded((name) => kept.delete(name)),
  });
}

test("a token stays in the tab, or in the browser where that was chosen, and in one of them only", () => {
  const [tab, browser] = [storage(), storage()];
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
  const session = createSession({ tab: storage(true), browser: storage(true) });
  session.signIn("bb_1", true);
  assert.equal(session.token, "bb_1");
  session.forget();
  assert.equal(session.token, null);
});

test("what another tab does to the token is heard", () => {
  const session = createSession({ tab: storage(), browser: storage() });
  const heard = ["backburner.token", null, "backburner.drafts"].map((key) => session.concerns(/** @type {any} */ ({ key })));
  assert.deepEqual(heard, [true, true, false]);
});

test("a token is one word that a header can carry", () => {
  assert.equal(tokenIn("  bb_a-Z9\n"), "bb_a-Z9");
  for (const text of ["", "  ", "two words", "zwölf", "bb_1\nbb_2"]) assert.equal(tokenIn(text), null);
});
