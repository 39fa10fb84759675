/** A conversation that is brought along is taken whole, or refused with a reason; never bent. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { readFile, readPasted } from "../../frontend/scripts/text/import-conversation.js";
import { isTranscript, readTranscript } from "../../frontend/scripts/text/transcript.js";

const mark = (kind, text = "") => `<!-- backburner: ${kind} -->\n\n${text}\n\n`;
const turns = (composition) => composition.blocks.map(({ role, text }) => `${role}: ${text}`);
const pasted = (value) => turns(readPasted(JSON.stringify(value)));
const opened = (text, name = "") => turns(readFile(text, name));
const refused = (value) => {
  assert.equal(readPasted(JSON.stringify(value)), null); // it may be meant as text
  try {
    readFile(JSON.stringify(value), "body.json");
  } catch (error) {
    return error.message;
  }
  return "not meant as a conversation";
};

const BRIEF = { role: "developer", content: "Be brief." };
const ASK = { type: "message", role: "user", content: [{ type: "input_text", text: "a" }, { type: "input_text", text: "b" }] };
const REPLY = { role: "assistant", content: [{ type: "output_text", text: "Yes." }] };

test("a Responses input is taken in its order, in all its spellings", () => {
  assert.deepEqual(pasted([BRIEF, ASK, REPLY, ASK]), ["developer: Be brief.", "user: a\n\nb", "assistant: Yes.", "user: a\n\nb"]);
  assert.deepEqual(pasted({ input: "Why?", model: "gpt-4", instructions: "Be brief." }), ["developer: Be brief.", "user: Why?"]);
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
  for (const other of [{ input: [] }, { input: 7 }, { input: "x", expected: "y" }, [{ type: "point", x: 1 }]])
    assert.equal(refused(other), "not meant as a conversation");
});

test("what was pasted as a text stays one", () => {
  for (const text of ["Why?", "[1, 2]", '{"a": 1}', "[", "{not json", "[]", "# Title\n\nText", "see <!-- backburner: user -->"])
    assert.equal(readPasted(text), null);
});

test("a file is a conversation when it looks like one, and else a text to attach", () => {
  assert.deepEqual(opened('{"input":"x"}', "body.txt"), ["developer: ", "user: x"]);
  assert.deepEqual(opened(mark("user", "a"), "task.md"), ["developer: ", "user: a"]);
  for (const [text, name] of [["# Why?\n", "why.md"], ['[{"role":"user","content":"x"}]', "notes.md"], ["{broken", "body.json"], ['{"model":"x"}', "body.json"]])
    assert.equal(readFile(text, name), null);
});

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
  assert.equal(pasted(many.slice(1)).length, 1001); // with the empty instructions
});
