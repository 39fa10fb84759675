/** An action is done once, whatever is clicked and whatever answer is lost. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createActions } from "../../frontend/scripts/state/actions.js";
import { Refused, Unreachable } from "../../frontend/scripts/connection/api.js";

/** Actions on task_1 whose calls end as the answers say: a task, or an error. */
function acting(...answers) {
  const calls = [];
  const events = [];
  const states = [];
  let keys = 0;
  const call = (name) => async (...given) => {
    calls.push([name, ...given]);
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const api = { cancelTask: call("cancel"), abandonTask: call("abandon"), retryTask: call("retry"), deleteTask: call("delete"), adoptResponse: call("adopt") };
  const actions = createActions({
    id: "task_1",
    api: /** @type {any} */ (api),
    newKey: () => `key-${++keys}`,
    onChanged: (task) => events.push(["changed", task.id]),
    onRetried: (task) => events.push(["sent again", task.id]),
    onDeleted: (receipt) => events.push(["gone", receipt.id]),
    onFailed: () => events.push(["failed"]),
    onState: (state) => states.push(state),
  });
  return { actions, calls, events, states };
}

test("a double click does it once", async () => {
  const { actions, calls, events } = acting({ id: "task_2" });
  await Promise.all([actions.retry(), actions.retry()]);
  assert.deepEqual(calls, [["retry", "task_1", "key-1"]]);
  assert.deepEqual(events, [["sent again", "task_2"]]);
});

test("while one thing is being done no other is", async () => {
  const { actions, calls } = acting({ id: "task_1" });
  await Promise.all([actions.adopt("resp_1"), actions.retry(), actions.abandon()]);
  assert.deepEqual(calls, [["adopt", "task_1", "resp_1"]]);
});

test("sending again after a lost answer has the key of the first attempt", async () => {
  const { actions, calls, events } = acting(new Unreachable(), new Refused(503, {}, 5), { id: "task_2" });
  for (const _ of [1, 2, 3]) await actions.retry();
  assert.deepEqual(calls.map(([, , key]) => key), ["key-1", "key-1", "key-1"]);
  assert.deepEqual(events, [["failed"], ["failed"], ["sent again", "task_2"]]);
});

test("a refusal is explained, and what is refused can be done again", async () => {
  const { actions, events, states } = acting(new Refused(409, {}, null), { id: "task_1" });
  await actions.cancel();
  assert.match(states.at(-1).explanation.summary, /Nothing was changed/);
  await actions.abandon();
  assert.deepEqual(states.at(-1), { busy: null, explanation: null });
  assert.deepEqual(events, [["failed"], ["changed", "task_1"]]);
});

test("a deletion is under way at first, and gone once there is a receipt", async () => {
  const { actions, events } = acting({ id: "task_1", status: "completed" }, { id: "task_1", deleted_at: "2026-11-23T03:00:00.000Z" });
  await actions.remove();
  await actions.remove();
  assert.deepEqual(events, [["changed", "task_1"], ["gone", "task_1"]]);
});
