/** What holds of the sources, so that files that come together can stand after one another in one (services/api/middleware/bundle.py). */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

const root = new URL("../../frontend/", import.meta.url);
const main = new URL("scripts/main.js", root).href;
const scripts = readdirSync(root, { recursive: true }).map(String).filter((name) => name.endsWith(".js"));
const read = (/** @type {string} */ href) => readFileSync(new URL(href), "utf8");
const named = (/** @type {string} */ href) => href.slice(root.href.length);

/** A script and all that it imports before it runs. @param {string} href @param {Set<string>} found */
function needed(href, found = new Set()) {
  if (found.has(href)) return found;
  found.add(href);
  for (const [, name] of read(href).matchAll(/^import .*"(.*)";$/gm)) needed(new URL(name, href).href, found);
  return found;
}

const ofMain = needed(main);
const files = scripts.map((name) => new URL(name, root).href);
const later = new Set(files.flatMap((href) => [...read(href).matchAll(/=> import\("(.*?)"\)/g)].map(([, name]) => new URL(name, href).href)));
/** What comes with each script that is asked for. */
const together = [[...ofMain], ...[...later].map((href) => [...needed(href)].filter((part) => !ofMain.has(part)))];

test("an import takes names as they are, and has a line to itself", () => {
  const odd = files.flatMap((href) => read(href).split("\n").filter((line) => /^(import\b|export (\*|default\b|\{ ))/.test(line) && !/^import (\{ [\w, ]+ \} from )?"\.[^"]+";$/.test(line)));
  assert.deepEqual(odd, []);
});

test("no two files that come together have a name in common", () => {
  for (const parts of together) {
    const names = parts.flatMap((href) => [...read(href).matchAll(/^(?:export )?(?:async )?(?:function|const|let|class) (\w+)/gm)].map(([, name]) => `${name} of ${named(href)}`));
    const first = new Map(names.toReversed().map((name) => [name.split(" ")[0], name]));
    assert.deepEqual(names.filter((name) => first.get(name.split(" ")[0]) !== name), []);
  }
});

test("no file comes twice: what two later scripts need comes with the page", () => {
  const all = together.flat().map(named);
  assert.deepEqual(all.filter((name, index) => all.indexOf(name) !== index), []);
  assert.ok(all.length > 90);
});

/** What is sent for while the page is still read, at this address. @param {string} hash */
function sentFor(hash) {
  /** @type {string[]} */
  const asked = [];
  const document = {
    documentElement: { dataset: {} },
    querySelectorAll: () => [],
    createElement: () => ({}),
    head: { append: (/** @type {{href: string}} */ { href }) => asked.push(href) },
  };
  const page = { document, location: { hash }, localStorage: { getItem: () => null }, addEventListener() {} };
  runInNewContext(readFileSync(new URL("scripts/at-once.js", root), "utf8"), page);
  return asked;
}

for (const [hash, view] of Object.entries({ "": [], "#/new": [], "#/tasks/task_1": ["task"], "#/tasks?q=x": ["list"], "#/system": ["system"] }))
  test(`at ${hash || "/"} what the page itself does not bring is sent for at once`, () => {
    const wanted = view.map((name) => `views/${name}.js`);
    assert.deepEqual(sentFor(hash), wanted);
    assert.ok(wanted.every((name) => later.has(new URL(name, root).href)));
  });
