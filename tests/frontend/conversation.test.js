/** What is sent is exactly what was written and what went before. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { canFollowUp, composedInput, compositionOf, followUpBody, textOf } from "../../frontend/scripts/conversation.js";
import { task } from "./task.js";

const user = (text) => ({ role: "user", content: [{ type: "input_text", text }] });
const assistant = (text) => ({ role: "assistant", content: [{ type: "output_text", text }] });
const developer = (text) => ({ role: "developer", content: [{ type: "input_text", text }] });

test("turns alternate, with the part type of their role", () => {
  const { input } = composedInput({ developer: "Be brief.", turns: ["Hello", "Hi", "Why?"] });
  assert.deepEqual(input, [developer("Be brief."), user("Hello"), assistant("Hi"), user("Why?")]);
});

test("an empty developer message is left out, and each message knows where it was written", () => {
  assert.deepEqual(composedInput({ developer: " \n", turns: ["Hello"] }), { input: [user("Hello")], places: [0] });
  assert.deepEqual(composedInput({ developer: "x", turns: ["a", "b", "c"] }).places, ["developer", 0, 1, 2]);
});

test("text is sent as it was written, spaces included", () => {
  assert.equal(textOf(composedInput({ developer: "", turns: ["  indented\n"] }).input[0]), "  indented\n");
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

test("a task's conversation goes back into the composer", () => {
  const composition = { developer: "Be brief.", turns: ["Hello", "Hi", "Why?"] };
  assert.deepEqual(compositionOf(composedInput(composition).input), composition);
});

test("a conversation whose turns do not alternate is not bent into shape", () => {
  assert.equal(compositionOf([user("a"), user("b")]), null);
  assert.equal(compositionOf([user("a"), developer("b"), user("c")]), null);
});
