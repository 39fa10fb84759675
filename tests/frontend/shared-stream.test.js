/** All tabs of a browser share one event stream, and none loses it with the tab that reads it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createSharedStream } from "../../frontend/scripts/connection/shared-stream.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** The browser's locks: one holder each, who may lose it to a thief; the others wait. */
function fakeLocks() {
  let holder = null;
  const waiting = [];
  const aborted = () => Object.assign(new Error("aborted"), { name: "AbortError" });
  const grant = (wish) => {
    holder = wish;
    const left = () => {
      if (holder !== wish) return;
      holder = null;
      if (waiting.length > 0) grant(waiting.shift());
    };
    Promise.resolve(wish.run()).then(() => (left(), wish.resolve()), wish.reject);
  };
  const request = (_name, { signal, steal }, run) =>
    new Promise((resolve, reject) => {
      const wish = { run, resolve, reject };
      signal?.addEventListener("abort", () => waiting.includes(wish) && (waiting.splice(waiting.indexOf(wish), 1), reject(aborted())));
      if (steal && holder) holder.reject(aborted());
      if (holder && !steal) waiting.push(wish);
      else grant(wish);
    });
  return /** @type {any} */ ({ request });
}

/** The channels of a browser: what a tab posts, all others of that name receive. */
function fakeChannels() {
  const open = new Set();
  return (name) => {
    const channel = {
      name,
      onmessage: (_message) => {},
      postMessage: (data) => [...open].filter((other) => other !== channel && other.name === name).forEach((other) => queueMicrotask(() => open.has(other) && other.onmessage({ data }))),
      close: () => open.delete(channel),
    };
    open.add(channel);
    return /** @type {any} */ (channel);
  };
}

/** Tabs of one browser. */
function browser({ locks = fakeLocks(), openChannel = fakeChannels() } = {}) {
  const connections = [];
  const connect = (last, signal) => {
    let controller;
    const stream = new ReadableStream({ start: (given) => (controller = given) });
    signal.addEventListener("abort", () => controller.error(new Error("aborted")));
    const send = (text) => controller.enqueue(new TextEncoder().encode(text));
    connections.push({ last, signal, send: (id, type = "task") => send(`id: ${id}\nevent: ${type}\ndata: {"heartbeat_s": 15}\n\n`) });
    return Promise.resolve(stream);
  };
  const live = () => connections.filter(({ signal }) => !signal.aborted);

  function tab({ visible = true } = {}) {
    const heard = [];
    const opened = [];
    const timers = new Set();
    const state = { visible };
    const schedule = (run, ms) => {
      const timer = { run, ms };
      timers.add(timer);
      return () => timers.delete(timer);
    };
    const stream = createSharedStream({ connect, onEvent: ({ id }) => heard.push(id), onOpen: (open) => opened.push(open), schedule, locks, openChannel, name: () => "events", isVisible: () => state.visible });
    /** Lets a wait of so many milliseconds end. */
    const pass = (ms) => [...timers].filter((timer) => timer.ms === ms).forEach((timer) => (timers.delete(timer), timer.run()));
    return { stream, heard, opened, state, pass };
  }
  return { tab, connections, live };
}

const REPLY_LIMIT_MS = 2_000;

test("one tab reads, and all hear each event once", async () => {
  const { tab, connections } = browser();
  const tabs = [tab(), tab(), tab({ visible: false })];
  for (const { stream } of tabs) stream.open();
  await turn();
  assert.equal(connections.length, 1);
  connections[0].send("1", "hello");
  connections[0].send("2");
  await turn();
  assert.deepEqual(tabs.map(({ heard }) => heard), [["1", "2"], ["1", "2"], ["1", "2"]]);
  assert.deepEqual(tabs.map(({ opened }) => opened.at(-1)), [true, true, true]);
});

test("when the reading tab is closed, another resumes after the last event", async () => {
  const { tab, connections, live } = browser();
  const [first, second] = [tab(), tab()];
  first.stream.open();
  second.stream.open();
  await turn();
  connections[0].send("7");
  await turn();
  first.stream.close();
  await turn();
  assert.equal(live().length, 1);
  assert.equal(live()[0].last, "7");
  live()[0].send("8");
  await turn();
  assert.deepEqual([first.heard, second.heard], [["7"], ["7", "8"]]);
});

test("a visible tab takes the stream from one that does not reply, and a hidden tab does not", async () => {
  const locks = fakeLocks();
  locks.request("events", {}, () => new Promise(() => {})).catch(() => {}); // a frozen tab holds the lock
  const { tab, connections } = browser({ locks });
  const hidden = tab({ visible: false });
  hidden.stream.open();
  await turn();
  hidden.pass(REPLY_LIMIT_MS);
  await turn();
  assert.equal(connections.length, 0);
  hidden.state.visible = true;
  hidden.stream.onVisibility();
  hidden.pass(REPLY_LIMIT_MS);
  await turn();
  assert.equal(connections.length, 1);
});

test("a tab that lost the stream to another stops reading and hears the other's", async () => {
  const { tab, connections, live } = browser();
  const [frozen, other] = [tab(), tab()];
  frozen.stream.open();
  other.stream.open();
  await turn();
  other.pass(REPLY_LIMIT_MS); // as if the reply had not come
  other.stream.onVisibility();
  other.pass(REPLY_LIMIT_MS);
  await turn();
  assert.equal(live().length, 1);
  connections.at(-1).send("5");
  await turn();
  assert.deepEqual([frozen.heard, other.heard], [["5"], ["5"]]);
});

test("without locks each visible tab reads its own stream, and a hidden one none", async () => {
  const { tab, live } = browser({ locks: null });
  const shown = tab();
  const hidden = tab({ visible: false });
  shown.stream.open();
  hidden.stream.open();
  await turn();
  assert.equal(live().length, 1);
  hidden.state.visible = true;
  hidden.stream.onVisibility();
  await turn();
  assert.equal(live().length, 2);
  hidden.state.visible = false;
  hidden.stream.onVisibility();
  await turn();
  assert.equal(live().length, 1);
  assert.equal(hidden.opened.at(-1), false);
});

test("after signing out the next owner's stream begins at no former event", async () => {
  const { tab, connections, live } = browser();
  const { stream } = tab();
  stream.open();
  await turn();
  connections[0].send("9");
  await turn();
  stream.close(true);
  await turn();
  assert.equal(live().length, 0);
  stream.open();
  await turn();
  assert.equal(live()[0].last, null);
});
