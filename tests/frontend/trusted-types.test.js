/** One policy decides what becomes markup or a worker's script. */

import assert from "node:assert/strict";
import { test } from "node:test";

test("only the page's own worker gets an address, under the policy that the server allows", async () => {
  /** @type {string[]} */
  const made = [];
  Object.assign(globalThis, { trustedTypes: { createPolicy: (/** @type {string} */ name, /** @type {any} */ rules) => (made.push(name), rules) } });
  const { serviceWorkerAddress, trustedHtml } = await import("../../frontend/scripts/trusted-types.js");
  assert.deepEqual(made, ["backburner-answer"]);
  assert.equal(serviceWorkerAddress(), "service-worker.js");
  assert.equal(trustedHtml("<p>x</p>"), "<p>x</p>");
  const { rules } = await import("../../frontend/scripts/trusted-types.js");
  for (const address of ["scripts/main.js", "//evil.example/service-worker.js", "/v1/tasks"]) assert.throws(() => rules.createScriptURL(address), TypeError);
});
