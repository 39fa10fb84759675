/**
 * One event stream for all tabs of a browser, which opens six connections to a host at most.
 *
 * The tab that holds a lock reads the stream and passes each event on. Without locks (plain http
 * outside loopback) each visible tab reads its own, and a hidden one none.
 */

import { createEventStream } from "./event-stream.js";

/** After which a reading tab that does not reply counts as frozen. */
const REPLY_LIMIT_MS = 2_000;

/**
 * @param {Omit<Parameters<typeof createEventStream>[0], "random"> & {
 *   locks: LockManager|undefined,
 *   openChannel: (name: string) => BroadcastChannel|null,
 *   name: () => string,
 *   isVisible: () => boolean,
 * }} parts `name` is that of the lock and the channel: tabs of another owner must not listen; a channel of null stands for a browser without
 */
export function createSharedStream({ connect, onEvent, onOpen, schedule, locks, openChannel, name, isVisible }) {
  /** @type {BroadcastChannel|null} */
  let channel = null;
  /** Ends the wait for the lock. */
  let waiting = new AbortController();
  let release = () => {};
  let isReader = false;
  let isOpen = false;
  let cancelSteal = () => {};
  /** @type {string|null} */
  let last = null;
  const stream = createEventStream({ connect, schedule, onEvent: pass, onOpen: report });

  /** @param {import("./event-stream.js").StreamEvent} event */
  function pass(event) {
    channel?.postMessage({ event });
    hear(event);
  }

  /** @param {import("./event-stream.js").StreamEvent} event */
  function hear(event) {
    last = event.id ?? last;
    onEvent(event);
  }

  /** @param {boolean} open */
  function report(open) {
    isOpen = open;
    channel?.postMessage({ open });
    onOpen(open);
  }

  /** @param {MessageEvent} message */
  function onMessage({ data: { event, open, asks } }) {
    if (asks && isReader) channel?.postMessage({ open: isOpen });
    if (isReader || asks) return;
    cancelSteal();
    if (event) hear(event);
    else onOpen(open);
  }

  function join() {
    channel = locks ? openChannel(name()) : null;
    if (!channel) return isVisible() && stream.open(last);
    channel.onmessage = onMessage;
    wait({});
    ask();
  }

  /** @param {LockOptions} how */
  function wait(how) {
    waiting.abort();
    const mine = (waiting = new AbortController());
    const read = () =>
      new Promise((done) => {
        if (mine.signal.aborted) return done(undefined);
        release = () => done(undefined);
        isReader = true;
        stream.open(last);
      });
    // A lock cannot be both stolen and waited for with a signal.
    const asked = /** @type {LockManager} */ (locks).request(name(), how.steal ? how : { signal: mine.signal }, read);
    asked.catch(() => {
      if (mine !== waiting || !channel) return;
      stepDown(); // another tab has stolen the lock, or the browser refuses locks
      if (mine.signal.aborted) return;
      schedule(() => mine === waiting && channel && wait({}), REPLY_LIMIT_MS);
    });
  }

  function stepDown() {
    isReader = false;
    release();
    stream.close();
  }

  /** Ask whether the stream is open; a tab without a reply takes the stream over. */
  function ask() {
    cancelSteal();
    channel?.postMessage({ asks: true });
    cancelSteal = schedule(() => !isReader && channel && isVisible() && wait({ steal: true }), REPLY_LIMIT_MS);
  }

  return {
    /** Connect now, or ask the tab that reads the stream. */
    open() {
      if (!channel) join();
      else if (isReader) stream.open(last);
      else ask();
    },
    /** Disconnect until `open`. @param {boolean} [forget] do not resume after the last event */
    close(forget = false) {
      cancelSteal();
      waiting.abort();
      stepDown();
      stream.close(forget);
      channel?.close();
      channel = null;
      if (forget) last = null;
    },
    /** The tab was shown or hidden. */
    onVisibility() {
      if (channel) return isVisible() && !isReader && ask();
      if (isVisible()) return stream.open(last);
      stream.close();
      onOpen(false);
    },
  };
}
