/** What is sent is exactly what was written and what went before. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { canFollowUp, textOf } from "../../frontend/scripts/state/tasks.js";
import { composedInput, compositionOf, emptyComposition, followUpBody, isBlank, questionsIn, requestSize } from "../../frontend/scripts/text/conversation.js";
import { task } from "./task.js";

/** @returns {import("../../frontend/scripts/types.js").Message} */
const user = (text) => ({ role: "user", content: [{ type: "input_text", text }] });
const assistant = (text) => ({ role: "assistant", content: [{ type: "output_text", text }] });
const developer = (text) => ({ role: "developer", content: [{ type: "input_text", text }] });

const blocks = (...written) => ({ blocks: written.map(([role, text]) => ({ role, text })) });

test("blocks are sent in order, unchanged, with the part type of their role", () => {
  assert.equal(textOf(composedInput(blocks(["user", "  indented\n"])).input[0]), "  indented\n");
  const { input } = composedInput(blocks(["developer", "Be brief."], ["user", "Hello"], ["assistant", "Hi"], ["user", "Why?"]));
  assert.deepEqual(input, [developer("Be brief."), user("Hello"), assistant("Hi"), user("Why?")]);
});

test("an empty developer message is left out, and each message knows where it was written", () => {
  assert.deepEqual(composedInput(blocks(["developer", " \n"], ["user", "Hello"])), { input: [user("Hello")], places: [1] });
  assert.deepEqual(composedInput(blocks(["developer", "x"], ["user", ""])).places, [0, 1]);
});

test("a composition is blank until anything is written", () => {
  assert.equal(isBlank(emptyComposition()), true);
  assert.equal(isBlank(blocks(["developer", ""], ["user", "x"])), false);
});

test("a follow-up is the whole conversation, its answer and the new message", () => {
  const asked = task({ input: [developer("Be brief."), user("Why?")], output_text: "Because." });
  assert.deepEqual(followUpBody(asked, "And then?"), {
    input: [developer("Be brief."), user("Why?"), assistant("Because."), user("And then?")],
    parent_id: "task_1",
  });
});

test("only an answer with text can be followed up", () => {
  assert.deepEqual([null, "", " \n", "Yes."].map((output_text) => canFollowUp(task({ output_text }))), [false, false, false, true]);
});

test("a task's conversation goes back into the composer, whatever its order", () => {
  const composition = blocks(["developer", "Be brief."], ["user", "a"], ["user", "b"], ["developer", "c"], ["user", "d"]);
  assert.deepEqual(compositionOf(composedInput(composition).input), composition);
  assert.deepEqual(compositionOf([user("a")]), blocks(["developer", ""], ["user", "a"]));
});

/** @returns {{input: import("../../frontend/scripts/types.js").Message[]}} */
const body = (...texts) => ({ input: texts.map((text) => ({ role: "user", content: [{ type: "input_text", text }] })) });

test("all texts count together, four bytes to a token, and an empty conversation has no size", () => {
  assert.equal(requestSize(body("a".repeat(1000), "é".repeat(100))).tokens, 300);
  assert.deepEqual(requestSize(body("")), { tokens: 0, problem: "" });
});

test("the limit is one of bytes, as the API counts them", () => {
  const most = 4 * 1024 * 1024 - JSON.stringify(body("")).length;
  assert.equal(requestSize(body("a".repeat(most))).problem, "");
  assert.match(requestSize(body("a".repeat(most + 1))).problem, /^Too large: 4\.0 MB\. The limit is 4\.0 MB/);
  assert.match(requestSize(body("é".repeat(most))).problem, /^Too large: 8\.0 MB/);
});

test("files follow the last message, each in a fence that its text does not close", () => {
  const attachments = [{ name: "report.md", text: "a\n````\nb" }, { name: "data", text: "1\n" }];
  const composed = composedInput({ ...blocks(["developer", ""], ["user", "Check.\n\n"]), attachments });
  assert.equal(textOf(composed.input[0]), "Check.\n\nFile: `report.md`\n\n`````md\na\n````\nb\n`````\n\nFile: `data`\n\n```\n1\n```\n");
  assert.equal(textOf(composedInput({ ...blocks(["developer", ""], ["user", " "]), attachments: [{ name: "x.PY", text: "" }] }).input[0]), "File: `x.PY`\n\n```py\n```\n");
});

test("several questions stand in blocks, or in lines where there are none", () => {
  assert.deepEqual(questionsIn("one\ntwo\n"), ["one", "two"]);
  assert.deepEqual(questionsIn("one\nand more\n \n\ntwo"), ["one\nand more", "two"]);
  assert.deepEqual([questionsIn(" \n"), questionsIn("one")], [[], ["one"]]);
});
