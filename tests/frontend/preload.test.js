/** What the page always needs is asked for at once, not module after module. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

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

/** What is sent for while the page is still read, at this address. @param {string} hash */
function sentFor(hash) {
  /** @type {string[]} */
  const asked = [];
  const document = {
    documentElement: { dataset: {} },
    querySelectorAll: () => [],
    createElement: () => ({}),
    head: { append: (/** @type {{href: string}} */ { href }) => asked.push(new URL(href, root).href) },
  };
  const page = { document, location: { hash }, localStorage: { getItem: () => null }, addEventListener() {} };
  runInNewContext(readFileSync(new URL("scripts/at-once.js", root), "utf8"), page);
  return asked;
}

for (const [hash, view] of Object.entries({ "": "new", "#/tasks/task_1": "task", "#/tasks?q=x": "list", "#/system": "system" }))
  test(`at ${hash || "/"} every module that its first view needs is sent for at once, and nothing else`, () => {
    const page = needed(new URL("scripts/main.js", root));
    const own = [...needed(new URL(`views/${view}.js`, root))].filter((module) => !page.has(module));
    assert.deepEqual(sentFor(hash).sort(), own.sort());
  });
