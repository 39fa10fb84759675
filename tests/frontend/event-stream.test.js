/** The line of news: read in any pieces, taken up where it broke off, never given up. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createEventStream, createParser, retryDelay } from "../../frontend/scripts/connection/event-stream.js";

/** What a parser makes of pieces. @param {string[]} pieces */
function parsed(...pieces) {
  const events = [];
  const parser = createParser((event) => events.push(event));
  for (const piece of pieces) parser.feed(piece);
  return { events, id: parser.id };
}

const TASK = 'id: 7\nevent: task\ndata: {"id":"task_1"}\n\n';

test("an event is told once it is whole, in however many pieces it comes", () => {
  const whole = [{ type: "task", id: "7", data: { id: "task_1" } }];
  assert.deepEqual(parsed(TASK).events, whole);
  assert.deepEqual(parsed(...TASK).events, whole);
  assert.deepEqual(parsed(TASK.slice(0, -1)).events, []);
});

test("line ends of every kind are understood, also split between two pieces", () => {
  const windows = TASK.replaceAll("\n", "\r\n");
  assert.equal(parsed(...windows).events.length, 1);
  assert.equal(parsed(windows).events.length, 1);
});

test("a heartbeat is no event but its id is kept; data of several lines is one value", () => {
  assert.deepEqual(parsed('data: {"a":\ndata: 1}\n\n').events[0].data, { a: 1 });
  const { events, id } = parsed(": heartbeat\nid: 9\n\n");
  assert.deepEqual(events, []);
  assert.equal(id, "9");
});

test("pauses grow up to a limit and are spread", () => {
  assert.equal(retryDelay(0, 1), 500);
  assert.equal(retryDelay(0, 0), 250);
  assert.equal(retryDelay(30, 1), 15_000);
});

/** A stream over lines that the test feeds; `timers` are what waits. */
function opened() {
  const scene = { asked: [], lines: [], open: [], events: [], timers: new Map() };
  let number = 0;
  const schedule = (run, ms) => {
    const mine = ++number;
    scene.timers.set(mine, { run, ms });
    return () => scene.timers.delete(mine);
  };
  scene.fire = (which) => {
    const [key, timer] = [...scene.timers].find(([, { ms }]) => which(ms));
    scene.timers.delete(key);
    timer.run();
  };
  const connect = async (last, signal) => {
    scene.asked.push(last);
    let controller;
    const body = new ReadableStream({ start: (given) => (controller = given) });
    signal.addEventListener("abort", () => controller.error(new Error("aborted")));
    scene.lines.push({ say: (text) => controller.enqueue(new TextEncoder().encode(text)), end: () => controller.close() });
    return body;
  };
  scene.stream = createEventStream({
    connect,
    onEvent: (event) => scene.events.push(event.type),
    onOpen: (open) => scene.open.push(open),
    schedule,
    random: () => 1,
  });
  scene.stream.open();
  return scene;
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
const HELLO = 'id: 5\nevent: hello\ndata: {"heartbeat_s": 15}\n\n';

test("a line that breaks is taken up again after the last event that was heard", async () => {
  const scene = opened();
  await settled();
  scene.lines[0].say(HELLO + TASK);
  scene.lines[0].end();
  await settled();
  assert.deepEqual(scene.events, ["hello", "task"]);
  assert.deepEqual(scene.open, [true, false]);
  scene.fire((ms) => ms === 500);
  await settled();
  assert.deepEqual(scene.asked, [null, "7"]);
});

test("a line on which nothing comes any more counts as broken", async () => {
  const scene = opened();
  await settled();
  scene.lines[0].say(HELLO);
  await settled();
  scene.fire((ms) => ms === 37_500);
  await settled();
  assert.deepEqual(scene.open, [true, false]);
  assert.deepEqual([...scene.timers.values()].map(({ ms }) => ms), [500]);
});

test("opening it anew leaves the old line and asks from where it was", async () => {
  const scene = opened();
  await settled();
  scene.lines[0].say(HELLO);
  await settled();
  scene.stream.open();
  await settled();
  assert.deepEqual(scene.asked, [null, "5"]);
  assert.deepEqual(scene.open, [true]);
});

test("what cannot be read does not end it", async () => {
  const scene = opened();
  await settled();
  scene.lines[0].say("data: {broken\n\n");
  await settled();
  assert.deepEqual(scene.open, [false]);
  assert.equal(scene.timers.size, 1);
});
