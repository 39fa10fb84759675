/** The one fetch module: what it sends, and what it makes of every kind of answer. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createApi, fileName, Refused, Unreachable } from "../../frontend/scripts/connection/api.js";

/** An API whose server gives one answer, with a record of what was asked of it. */
function answering(body, init = {}, session = { token: null }) {
  const asked = [];
  const locked = [];
  const dates = [];
  const request = async (path, options) => {
    asked.push({ path, ...options });
    if (body instanceof Error) throw body;
    return new Response(body, init);
  };
  const api = createApi({ onDate: (date) => dates.push(date), session, onLocked: () => locked.push(session.token), request });
  return { api, asked, dates, locked };
}

test("a task is created with its key and nothing but its body", async () => {
  const { api, asked } = answering('{"id":"task_1"}', { status: 202 });
  assert.deepEqual(await api.createTask({ input: [] }, "key-1"), { id: "task_1" });
  assert.equal(asked[0].method, "POST");
  assert.equal(asked[0].body, '{"input":[]}');
  assert.equal(asked[0].headers["Idempotency-Key"], "key-1");
});

test("each action is a POST to its own address, and sending again has a key", async () => {
  const { api, asked } = answering('{"id":"task_1"}');
  await api.cancelTask("task_1");
  await api.abandonTask("task_1");
  await api.adoptResponse("task_1", "resp_1");
  await api.retryTask("task_1", "key-1");
  assert.deepEqual(asked.map(({ path }) => path.split("/").at(-1)), ["cancel", "abandon", "adopt", "retry"]);
  assert(asked.every(({ method }) => method === "POST"));
  assert.equal(asked[2].body, '{"response_id":"resp_1"}');
  assert.equal(asked[3].headers["Idempotency-Key"], "key-1");
});

test("a cursor is sent as it was given", async () => {
  const { api, asked } = answering('{"data":[],"next_cursor":null}');
  await api.listTasks("a+b/=");
  assert.equal(asked[0].path, "v1/tasks?limit=50&cursor=a%2Bb%2F%3D");
});

test("a problem document arrives whole, with its Retry-After", async () => {
  const { api } = answering('{"detail":"Too many."}', { status: 429, headers: { "Retry-After": "30" } });
  await assert.rejects(api.retrieveTask("task_1"), (error) => {
    assert(error instanceof Refused);
    assert.deepEqual([error.status, error.retryAfter, error.message], [429, 30, "Too many."]);
    return true;
  });
});

test("no answer, and an answer that is not ours, are both unreachable", async () => {
  await assert.rejects(answering(new TypeError("fetch failed")).api.listTasks(), Unreachable);
  await assert.rejects(answering("<html>a proxy's page</html>").api.createTask({ input: [] }, "k"), Unreachable);
});

test("an error page that is no problem document is still a refusal", async () => {
  await assert.rejects(answering("Bad gateway", { status: 502 }).api.listTasks(), Refused);
  await assert.rejects(answering("null", { status: 502 }).api.listTasks(), Refused);
});

test("readiness is read also while the system is unavailable", async () => {
  assert.equal((await answering('{"status":"unavailable"}', { status: 503 }).api.readiness()).status, "unavailable");
});

test("every answer tells the server's time", async () => {
  const { api, dates } = answering("{}", { headers: { Date: "Mon, 23 Nov 2026 03:00:00 GMT" } });
  await api.readiness();
  assert.deepEqual(dates, ["Mon, 23 Nov 2026 03:00:00 GMT"]);
});

test("the list is narrowed by what is given, and by nothing else", async () => {
  const { api, asked } = answering('{"data":[],"next_cursor":null}');
  await api.listTasks(null, { status: "failed", q: '"a b" c&d', limit: 100 });
  await api.listTasks(null, { status: null, q: "" });
  assert.deepEqual(asked.map(({ path }) => path), ["v1/tasks?limit=100&status=failed&q=%22a%20b%22%20c%26d", "v1/tasks?limit=50"]);
});

test("every call carries the token that there is then, and no address does", async () => {
  const session = { token: "bb_1" };
  const { api, asked } = answering("{}", {}, session);
  await api.retrieveTask("task_1");
  session.token = "bb_2";
  await api.createTask({ input: [] }, "key");
  await api.events("7", new AbortController().signal);
  session.token = null;
  await api.readiness();
  assert.deepEqual(asked.map(({ headers }) => headers.Authorization), ["Bearer bb_1", "Bearer bb_2", "Bearer bb_2", undefined]);
  assert.equal(asked[1].headers["Idempotency-Key"], "key");
  assert.equal(asked[2].headers["Last-Event-ID"], "7");
  assert(asked.every(({ path }) => !path.includes("bb_")));
});

test("a token that is refused locks, also on the stream; one that is only tried, or was left meanwhile, does not", async () => {
  const session = { token: "bb_old" };
  const { api, locked } = answering("{}", { status: 401 }, session);
  await assert.rejects(api.listTasks(), Refused);
  await assert.rejects(api.events(null, new AbortController().signal), Refused);
  assert.deepEqual(locked, ["bb_old", "bb_old"]);
  await assert.rejects(api.me("bb_tried"), Refused);
  const late = api.listTasks();
  session.token = "bb_new";
  await assert.rejects(late, Refused);
  assert.equal(locked.length, 2);
});

test("the full name is taken, in any alphabet", () => {
  const header = "attachment; filename=\"gezeiten-task_1.md\"; filename*=UTF-8''%E6%BD%AE-task_1.md";
  assert.equal(fileName(header, "x.json"), "潮-task_1.md");
});

test("without a name, or with one that cannot be read, another is at hand", () => {
  for (const header of [null, "", "attachment", "attachment; filename*=UTF-8''%E6%BD"]) assert.equal(fileName(header, "x.json"), "x.json");
});

test("a name leads into no folder", () => {
  assert.equal(fileName("attachment; filename*=UTF-8''..%2F..%5Ca.md", "x"), "..-..-a.md");
});

test("what was asked for with one token is never given to the session of another", async () => {
  /** @type {{token: string|null}} */
  const session = { token: "first" };
  let reply = (_response) => {};
  const request = () => new Promise((resolve) => (reply = resolve));
  const api = createApi({ onDate: () => {}, session, onLocked: () => {}, request: /** @type {any} */ (request) });
  const reading = api.retrieveTask("task_1");
  session.token = "second";
  reply(new Response('{"id":"task_1"}'));
  await assert.rejects(reading, Unreachable);
});
