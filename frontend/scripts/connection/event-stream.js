/** Reads the API's server-sent events with fetch (EventSource sends no Authorization) and reconnects after the last event. */

/** @typedef {{type: string, id: string|null, data: any}} StreamEvent */

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 15_000;

/** Missed heartbeats after which a connection counts as dead. */
const MAX_MISSED_HEARTBEATS = 2.5;

/**
 * Milliseconds until the next attempt, with jitter so that a thousand pages do not reconnect at once.
 * @param {number} failures in a row @param {number} chance between 0 and 1
 */
export const retryDelay = (failures, chance) => Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** failures) * (0.5 + chance / 2);

/**
 * Parses an event stream in chunks of any size (WHATWG HTML, 9.2.6).
 * @param {(event: StreamEvent) => void} onEvent
 */
export function createParser(onEvent) {
  let rest = "";
  /** @type {string|null} */
  let id = null;
  let type = "";
  /** @type {string[]} */
  let data = [];

  /** @param {string} line */
  function take(line) {
    if (line === "") return dispatch();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") data.push(value);
    if (field === "event") type = value;
    if (field === "id") id = value;
  }

  function dispatch() {
    const text = data.join("\n");
    const event = { type: type || "message", id, data: text && JSON.parse(text) };
    type = "";
    data = [];
    if (text) onEvent(event);
  }

  return {
    /** @param {string} text */
    feed(text) {
      const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      for (const line of lines) take(line);
    },
    /** The last id, also of a block without data. */
    get id() {
      return id;
    },
  };
}

/** TypeScript's DOM types declare a stream of any buffer source. */
const decoder = () => /** @type {ReadableWritablePair<string, Uint8Array>} */ (new TextDecoderStream());

/**
 * Keeps one connection open until `close`.
 * @param {object} parts
 * @param {(last: string|null, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>} parts.connect
 * @param {(event: StreamEvent) => void} parts.onEvent
 * @param {(open: boolean) => void} parts.onOpen called with true when the stream works and false when it breaks
 * @param {(run: () => void, ms: number) => () => void} parts.schedule runs once after `ms`; returns a function that cancels
 * @param {() => number} [parts.random]
 */
export function createEventStream({ connect, onEvent, onOpen, schedule, random = Math.random }) {
  /** @type {string|null} */
  let last = null;
  let failures = 0;
  let heartbeat = 15;
  let connection = new AbortController();
  let cancel = () => {};

  async function run() {
    const mine = (connection = new AbortController());
    let cancelWatch = () => {};
    const watch = () => {
      cancelWatch();
      cancelWatch = schedule(() => mine.abort(), heartbeat * MAX_MISSED_HEARTBEATS * 1000);
    };
    const onParsed = (/** @type {StreamEvent} */ event) => {
      if (event.type === "hello") {
        failures = 0;
        heartbeat = event.data.heartbeat_s ?? heartbeat;
        onOpen(true);
      }
      onEvent(event);
    };
    const parser = createParser(onParsed);
    try {
      watch();
      const text = (await connect(last, mine.signal)).pipeThrough(decoder()).getReader();
      for (let piece = await text.read(); !piece.done; piece = await text.read()) {
        watch();
        parser.feed(piece.value);
        last = parser.id ?? last;
      }
    } catch {
      // Every failure ends in the same way: reconnect.
    }
    cancelWatch();
    if (mine !== connection) return;
    onOpen(false);
    cancel = schedule(run, retryDelay(failures++, random()));
  }

  return {
    /** Connect now, also while waiting for the next attempt or when the connection may be dead. @param {string|null} [after] the last event that is known */
    open(after = null) {
      last = after ?? last;
      cancel();
      connection.abort();
      run();
    },
    /** Disconnect until `open`. @param {boolean} [forget] do not resume after the last event */
    close(forget = false) {
      cancel();
      connection.abort();
      connection = new AbortController();
      if (forget) last = null;
    },
  };
}
