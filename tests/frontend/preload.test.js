/** What the page always needs is asked for at once, not module after module. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../frontend/", import.meta.url);

/** A module and all that it imports before it runs. @param {URL} module @param {Set<string>} found */
function needed(module, found = new Set()) {
  if (found.has(module.href)) return found;
  found.add(module.href);
  for (const [, name] of readFileSync(module, "utf8").matchAll(/^(?:import|export)\b[^;(]*?"(\.[^"]+)";$/gm)) needed(new URL(name, module), found);
  return found;
}

test("the page names every module that it cannot start without, and no other", () => {
  const page = readFileSync(new URL("index.html", root), "utf8");
  const named = [...page.matchAll(/rel="modulepreload" href="([^"]+)"/g)].map(([, href]) => new URL(href, root).href);
  const main = new URL("scripts/main.js", root);
  assert.deepEqual([main.href, ...named].sort(), [...needed(main)].sort());
});
