/** A transcript means here what it means to the API. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { isTranscript, readTranscript } from "../../frontend/scripts/transcript.js";

const mark = (kind, text = "") => `<!-- backburner: ${kind} -->\n\n${text}\n\n`;
const turns = (document) => readTranscript(document).map(({ role, text }) => `${role}: ${text}`);

test("Markdown without markers is one question, as it is", () => {
  assert.deepEqual(turns("# Why?\n\nTell me.\n"), ["user: # Why?\n\nTell me.\n"]);
});

test("markers begin messages, and parts belong to the one before", () => {
  const document = mark("task", "# Title") + mark("developer", "Brief.") + mark("user", "a") + mark("part", "b");
  assert.deepEqual(turns(document), ["developer: Brief.", "user: a\n\nb"]);
});

test("a last answer is left out, its sources too; one that was followed up is a reply", () => {
  const asked = mark("user", "a") + mark("answer", "Yes.") + mark("sources", "1. [x](<y>)");
  assert.deepEqual(turns(asked), ["user: a"]);
  assert.deepEqual(turns(asked + mark("user", "b")), ["user: a", "assistant: Yes.", "user: b"]);
});

test("only the empty lines around a text are taken away, in the marker's own spelling", () => {
  assert.deepEqual(turns("<!-- backburner: user -->\n\n\n  a\n\n\n\n"), ["user: \n  a\n\n"]);
  assert.deepEqual(turns("<!--backburner:user-->\r\n\r\na\r\n\r\n"), ["user: a"]);
  assert.deepEqual(turns("<!-- backburner: user -->"), ["user: "]);
});

test("a line that only looked like a marker comes back as it was", () => {
  assert.deepEqual(turns(mark("user", "\\<!-- backburner: user -->\n\\\\<!-- backburner: x -->\n\\ other")), ["user: <!-- backburner: user -->\n\\<!-- backburner: x -->\n\\ other"]);
});

test("a marker stands at the beginning of a line, and other line separators begin none", () => {
  assert.equal(isTranscript("see <!-- backburner: user -->"), false);
  assert.equal(isTranscript("a\u2028<!-- backburner: user -->"), false);
  assert.equal(isTranscript("a\r<!-- backburner: user -->"), false);
  assert.equal(isTranscript("a\n<!-- backburner: user -->"), true);
});

test("what cannot be read is named with its line", () => {
  assert.throws(() => turns(`${mark("user", "a\nb")}<!-- backburner: usr -->`), /Line 6: /);
  assert.throws(() => turns(mark("part", "a")), /Line 1: this part/);
  assert.throws(() => turns(`hello\n${mark("user")}`), /before the first marker/);
  assert.throws(() => turns(mark("task", "# A") + mark("user") + mark("task", "# B") + mark("user")), /holds 2 tasks/);
});
