/** A draft on its way: one sending at a time, nothing lost, the key written down before anything is sent. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Refused, Unreachable } from "../../frontend/scripts/connection/api.js";
import { createDrafts } from "../../frontend/scripts/state/drafts.js";
import { createSubmission } from "../../frontend/scripts/state/submission.js";
import { fakeStorage, fakeTab } from "./storage.js";

/** The only draft that a storage keeps. */
const draftIn = (storage) => [...storage.kept.values()].map((text) => JSON.parse(text).draft)[0] ?? null;

/** A form whose sendings end as the answers say: a task, or an error. */
function form(answers, storage = fakeStorage(), tabStorage = fakeStorage(), onAccepted = null) {
  let keys = 0;
  const sent = [];
  const accepted = [];
  const states = [];
  const createTask = async (body, key) => {
    sent.push({ body, key, kept: draftIn(storage) });
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const submission = createSubmission({
    slot: "new",
    initial: "",
    drafts: createDrafts({ storage, tab: fakeTab("tab-1", { storage: tabStorage }), owner: "", newId: () => "id" }),
    api: /** @type {any} */ ({ createTask }),
    newKey: () => `key-${++keys}`,
    place: () => "here",
    onAccepted: onAccepted ?? ((task) => accepted.push(task)),
    onAllAccepted: () => accepted.push("all"),
    onFailed: () => {},
    onChange: (state) => states.push(state),
  });
  return { submission, sent, accepted, states };
}

const body = { input: [] };
const keysOf = (sent) => sent.map(({ key }) => key);

test("a double click sends once", async () => {
  const { submission, sent, accepted } = form([{ id: "task_1" }]);
  await Promise.all([submission.send(body), submission.send(body)]);
  assert.equal(sent.length, 1);
  assert.deepEqual(accepted, [{ id: "task_1" }]);
});

test("the key is kept, as uncertain, before the request leaves", async () => {
  const { submission, sent } = form([{ id: "task_1" }]);
  submission.edit("Tides");
  await submission.send(body);
  assert.deepEqual(sent[0].kept, { key: "key-1", content: "Tides", attempt: "uncertain" });
});

test("after acceptance the draft is gone, and a save that comes late does not bring it back", async () => {
  const storage = fakeStorage();
  const { submission } = form([{ id: "task_1" }], storage);
  submission.edit("Tides");
  await submission.send(body);
  assert.equal(submission.content, "");
  submission.edit("Tides");
  assert.equal(draftIn(storage), null);
});

test("without an answer the draft stays, and is sent again under the same key", async () => {
  const { submission, sent, accepted } = form([new Unreachable(), new Refused(503, {}, 5), { id: "task_1" }]);
  submission.edit("Tides");
  for (const _ of [1, 2, 3]) await submission.send(body);
  assert.deepEqual(keysOf(sent), ["key-1", "key-1", "key-1"]);
  assert.equal(accepted.length, 1);
});

test("a reload between sending and answer keeps text and key", async () => {
  const kept = new Map();
  const tabStorage = fakeStorage();
  const first = form([new Unreachable()], fakeStorage({ kept }), tabStorage);
  first.submission.edit("Tides");
  await first.submission.send(body);
  const second = form([{ id: "task_1" }], fakeStorage({ kept }), tabStorage);
  assert.equal(second.submission.content, "Tides");
  await second.submission.send(body);
  assert.deepEqual(keysOf(second.sent), ["key-1"]);
});

test("a conflict is sent again only as a task of its own, when a person says so", async () => {
  const conflict = new Refused(422, { type: "urn:backburner:problem:idempotency-key-reused" }, null);
  const { submission, sent, states } = form([new Unreachable(), conflict, { id: "task_2" }]);
  submission.edit("Tides");
  await submission.send(body);
  submission.edit("Tides and moons");
  await submission.send(body);
  assert.equal(states.at(-1).attempt, "conflict");
  submission.sendWithNewKey();
  await submission.send(body);
  assert.deepEqual(keysOf(sent), ["key-1", "key-1", "key-2"]);
});

test("what is typed while sending does not change what was sent", async () => {
  const { submission } = form([new Unreachable()]);
  submission.edit("Tides");
  const sending = submission.send(body);
  submission.edit("Moons");
  await sending;
  assert.equal(submission.content, "Tides");
});

test("where the browser keeps nothing the page says so and works on", async () => {
  const { submission, states, accepted } = form([{ id: "task_1" }], fakeStorage({ full: true }));
  submission.edit("Tides");
  assert.equal(states.at(-1).kept, false);
  assert.equal(submission.content, "Tides");
  await submission.send(body);
  assert.equal(accepted.length, 1);
});

test("several questions are sent once each, also when some are sent again after an error", async () => {
  const bodies = ["one", "two"].map((title) => ({ input: [], title }));
  const { submission, sent, accepted, states } = form([{ id: "task_1" }, new Unreachable(), { id: "task_1" }, { id: "task_2" }]);
  submission.edit("one\ntwo");
  await submission.sendAll(bodies);
  assert.deepEqual([accepted, states.at(-1).attempt], [[], "uncertain"]);
  await submission.sendAll(bodies);
  const keys = keysOf(sent);
  assert.deepEqual([keys[0], keys[1]], [keys[2], keys[3]]);
  assert.notEqual(keys[0], keys[1]);
  assert.deepEqual(accepted, ["all"]);
});

test("an error of the page after acceptance is not taken for a failed request", async () => {
  const { submission, sent, states } = form([{ id: "task_1" }], fakeStorage(), fakeStorage(), () => {
    throw new Error("the view is broken");
  });
  await assert.rejects(submission.send(body), /the view is broken/);
  assert.equal(sent.length, 1);
  assert.equal(states.at(-1).explanation, null);
});

test("what was accepted is handed on with the place that it was sent from", async () => {
  const { submission, accepted } = form([{ id: "task_1" }], fakeStorage(), fakeStorage(), (_task, sentFrom) => accepted.push(sentFrom));
  await submission.send(body);
  assert.deepEqual(accepted, ["here"]);
});
