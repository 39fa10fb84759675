/** A conversation that is brought along is taken whole, or refused with a reason; never bent. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { readFile, readPasted } from "../../frontend/scripts/text/import-conversation.js";
import { isTranscript, readTranscript } from "../../frontend/scripts/text/transcript.js";

const turns = (composition) => composition.blocks.map(({ role, text }) => `${role}: ${text}`);
const pasted = (value) => turns(readPasted(JSON.stringify(value)));
const opened = (text, name = "") => turns(readFile(text, name));
const refused = (value) => {
  try {
    readPasted(JSON.stringify(value));
  } catch (error) {
    return error.message;
  }
  return "taken";
};

const BRIEF = { role: "developer", content: "Be brief." };
const ASK = { type: "message", role: "user", content: [{ type: "input_text", text: "a" }, { type: "input_text", text: "b" }] };
const REPLY = { role: "assistant", content: [{ type: "output_text", text: "Yes." }] };

test("a Responses input is taken in its order, in all its spellings", () => {
  assert.deepEqual(pasted([BRIEF, ASK, REPLY, ASK]), ["developer: Be brief.", "user: a\n\nb", "assistant: Yes.", "user: a\n\nb"]);
  assert.deepEqual(pasted({ input: "Why?", model: "gpt-4" }), ["developer: ", "user: Why?"]);
});

test("an exported task is taken without its answer, and a thread of one task too", () => {
  const exported = { title: "T", input: [ASK], export: { format: "backburner/1", output_text: "Yes." } };
  assert.deepEqual(pasted(exported), ["developer: ", "user: a\n\nb"]);
  assert.deepEqual(opened(JSON.stringify({ root: "task_1", tasks: [exported], truncated: false })), ["developer: ", "user: a\n\nb"]);
  assert.throws(() => opened(JSON.stringify({ tasks: [exported, exported] })), /holds 2 tasks/);
});

test("where the last word is the model's, there is a place for the next question", () => {
  assert.deepEqual(pasted([ASK, REPLY]).at(-1), "user: ");
});

test("what cannot be sent is named", () => {
  assert.match(refused([ASK, { type: "reasoning", id: "rs_1" }]), /Message 2 is from “reasoning”/);
  assert.match(refused([{ role: "system", content: "x" }]), /“system”; only developer, user and assistant/);
  assert.match(refused([{ role: "user", content: [{ type: "input_image", image_url: "x" }] }]), /Message 1 holds “input_image”/);
  assert.match(refused([{ role: "user" }]), /Message 1 has no text/);
  assert.match(refused({ input: [] }), /empty/);
  assert.match(refused({ input: 7 }), /holds no conversation/);
});

test("what was pasted as a text stays one", () => {
  for (const text of ["Why?", "[1, 2]", '{"a": 1}', "[", "{not json", "[]", "# Title\n\nText", "see <!-- backburner: user -->"])
    assert.equal(readPasted(text), null);
});

test("a file is what its name says, and what it looks like without one", () => {
  assert.deepEqual(opened("# Why?\n", "why.md"), ["developer: ", "user: # Why?\n"]);
  assert.deepEqual(opened('[{"role":"user","content":"x"}]', "notes.md"), ["developer: ", 'user: [{"role":"user","content":"x"}]']);
  assert.deepEqual(opened('{"input":"x"}', "body.txt"), ["developer: ", "user: x"]);
  assert.throws(() => opened("{broken", "body.json"), /not valid JSON/);
  assert.throws(() => opened('{"model":"x"}', "body.json"), /holds no conversation/);
});

const mark = (kind, text = "") => `<!-- backburner: ${kind} -->\n\n${text}\n\n`;
const blocksOf = (document) => readTranscript(document).map(({ role, text }) => `${role}: ${text}`);

test("Markdown without markers is one question, as it is", () => {
  assert.deepEqual(blocksOf("# Why?\n\nTell me.\n"), ["user: # Why?\n\nTell me.\n"]);
});

test("markers begin messages, and parts belong to the one before", () => {
  const document = mark("task", "# Title") + mark("developer", "Brief.") + mark("user", "a") + mark("part", "b");
  assert.deepEqual(blocksOf(document), ["developer: Brief.", "user: a\n\nb"]);
});

test("a last answer is left out, its sources too; one that was followed up is a reply", () => {
  const asked = mark("user", "a") + mark("answer", "Yes.") + mark("sources", "1. [x](<y>)");
  assert.deepEqual(blocksOf(asked), ["user: a"]);
  assert.deepEqual(blocksOf(asked + mark("user", "b")), ["user: a", "assistant: Yes.", "user: b"]);
});

test("only the empty lines around a text are taken away, in the marker's own spelling", () => {
  assert.deepEqual(blocksOf("<!-- backburner: user -->\n\n\n  a\n\n\n\n"), ["user: \n  a\n\n"]);
  assert.deepEqual(blocksOf("<!--backburner:user-->\r\n\r\na\r\n\r\n"), ["user: a"]);
  assert.deepEqual(blocksOf("<!-- backburner: user -->"), ["user: "]);
});

test("a line that only looked like a marker comes back as it was", () => {
  assert.deepEqual(blocksOf(mark("user", "\\<!-- backburner: user -->\n\\\\<!-- backburner: x -->\n\\ other")), ["user: <!-- backburner: user -->\n\\<!-- backburner: x -->\n\\ other"]);
});

test("a marker stands at the beginning of a line, and other line separators begin none", () => {
  assert.equal(isTranscript("see <!-- backburner: user -->"), false);
  assert.equal(isTranscript("a\u2028<!-- backburner: user -->"), false);
  assert.equal(isTranscript("a\r<!-- backburner: user -->"), false);
  assert.equal(isTranscript("a\n<!-- backburner: user -->"), true);
});

test("what cannot be read is named with its line", () => {
  assert.throws(() => blocksOf(`${mark("user", "a\nb")}<!-- backburner: usr -->`), /Line 6: /);
  assert.throws(() => blocksOf(mark("part", "a")), /Line 1: this part/);
  assert.throws(() => blocksOf(`hello\n${mark("user")}`), /before the first marker/);
  assert.throws(() => blocksOf(mark("task", "# A") + mark("user") + mark("task", "# B") + mark("user")), /holds 2 tasks/);
});

test("no more messages are imported than the API takes", () => {
  const many = Array.from({ length: 1001 }, () => ({ role: "user", content: "a" }));
  assert.equal(refused(many), "This holds 1001 messages. A conversation has at most 1000.");
  assert.equal(refused(many.slice(1)), "taken");
});
