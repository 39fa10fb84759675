/** The API's server-sent events, read with fetch, taken up again where they broke off. */

/** @typedef {{type: string, id: string|null, data: any}} StreamEvent */

const FIRST = 500;
const LONGEST_PAUSE = 15_000;

/** Heartbeats that may fail to come before the line counts as dead; a machine that slept notices too. */
const PATIENCE = 2.5;

/**
 * Milliseconds until the line is tried again, spread so that a thousand pages do not come back at once.
 * @param {number} failures in a row @param {number} chance between 0 and 1
 */
export const pause = (failures, chance) => Math.min(LONGEST_PAUSE, FIRST * 2 ** failures) * (0.5 + chance / 2);

/**
 * Reads an event stream as it comes, in pieces of any size (WHATWG HTML, 9.2.6).
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
    /** The last id that was told, also by a line without an event. */
    get id() {
      return id;
    },
  };
}

/** The DOM's types take it for a stream of any buffer source. */
const decoder = () => /** @type {ReadableWritablePair<string, Uint8Array>} */ (new TextDecoderStream());

/**
 * Keeps one line open until it is closed.
 * @param {object} parts
 * @param {(last: string|null, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>} parts.connect
 * @param {(event: StreamEvent) => void} parts.onEvent
 * @param {(open: boolean) => void} parts.onOpen hears when the line begins to work and when it breaks
 * @param {(run: () => void, ms: number) => () => void} parts.schedule runs something once, and returns what cancels it
 * @param {() => number} [parts.random]
 */
export function createEventStream({ connect, onEvent, onOpen, schedule, random = Math.random }) {
  /** @type {string|null} */
  let last = null;
  let failures = 0;
  let heartbeat = 15;
  let line = new AbortController();
  let cancel = () => {};

  async function run() {
    const mine = (line = new AbortController());
    let cancelWatch = () => {};
    const watch = () => {
      cancelWatch();
      cancelWatch = schedule(() => mine.abort(), heartbeat * PATIENCE * 1000);
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
      // However it broke, it is taken up again.
    }
    cancelWatch();
    if (mine !== line) return;
    onOpen(false);
    cancel = schedule(run, pause(failures++, random()));
  }

  return {
    /** Open the line now, should it be waiting for its next try or be dead without knowing. */
    open() {
      cancel();
      line.abort();
      run();
    },
    /** Keep none open until it is opened again. @param {boolean} [forget] then from now on, not from where it was */
    close(forget = false) {
      cancel();
      line.abort();
      line = new AbortController();
      if (forget) last = null;
    },
  };
}
