/** What index.html and boot.js load ahead is exactly what the first view needs. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

const root = new URL("../../frontend/", import.meta.url);
const read = (/** @type {string} */ name) => readFileSync(new URL(name, root), "utf8");
const files = readdirSync(root, { recursive: true }).map(String);
const index = read("index.html");

/** A module and all that it imports statically. @param {string} name @param {Set<string>} found */
function modulesOf(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  for (const [, , address] of read(name).matchAll(/^(import|export)\b[^"';]*"(\.[^"]+)";$/gm)) modulesOf(new URL(address, new URL(name, root)).href.slice(root.href.length), found);
  return found;
}

test("index.html preloads every module that main.js imports, and no other", () => {
  const preloaded = [...index.matchAll(/<link rel="modulepreload" href="([^"]+)">/g)].map(([, href]) => href);
  const imported = [...modulesOf("scripts/main.js")].filter((name) => name !== "scripts/main.js");
  assert.ok(imported.length > 15);
  assert.deepEqual(preloaded, imported.toSorted());
});

test("stylesheets are loaded by name and never by another stylesheet, which would cost a round trip", () => {
  const named = [index, ...files.filter((name) => name.endsWith(".js")).map(read)].flatMap((text) => [...text.matchAll(/"([\w/-]+\.css)"/g)].map(([, name]) => name));
  assert.ok(named.every((name) => existsSync(new URL(name, root))), String(named));
  const sheets = files.filter((name) => name.endsWith(".css"));
  assert.deepEqual(sheets.filter((name) => !named.includes(name) || read(name).includes("@import")), []);
});

/** What boot.js preloads at this address. @param {string} hash */
function preloadsAt(hash) {
  /** @type {string[]} */
  const preloaded = [];
  const document = {
    documentElement: { dataset: {} },
    querySelectorAll: () => [],
    createElement: () => ({}),
    head: { append: (/** @type {{href: string}} */ { href }) => preloaded.push(href) },
  };
  const page = { document, location: { hash }, localStorage: { getItem: () => null }, addEventListener() {} };
  runInNewContext(read("scripts/boot.js"), page);
  return preloaded;
}

for (const [hash, view] of Object.entries({ "": "new", "#/new": "new", "#/tasks/task_1": "task", "#/tasks?q=x": "list", "#/system": "system", "#/notify": "notify" }))
  test(`at ${hash || "/"} boot.js preloads all modules of the view that main.js does not import`, () => {
    const known = modulesOf("scripts/main.js");
    const wanted = [...modulesOf(`views/${view}.js`)].filter((name) => !known.has(name));
    assert.deepEqual(preloadsAt(hash), wanted.toSorted());
  });
