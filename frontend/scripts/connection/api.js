/** The one place that talks HTTP: each call returns data or throws Unreachable or Refused. */

import { retrySeconds } from "../format/time.js";

/** @typedef {import("../types.js").Message} Message */

/** No answer came: the network, the server or a time-out; whether it was done is unknown. */
export class Unreachable extends Error {}

/** The API answered with a problem. `retryAfter` is seconds or null. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {import("../types.js").Problem} problem
   * @param {number|null} retryAfter
   */
  constructor(status, problem, retryAfter) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/** @typedef {Omit<RequestInit, "headers"> & {seconds?: number, headers?: Record<string, string>}} Options `seconds` is the time limit */

/**
 * @param {object} parts
 * @param {(serverDate: string) => void} parts.onDate hears the Date header of every response
 * @param {{readonly token: string|null}} parts.session
 * @param {() => void} parts.onLocked hears that the token of the session is none, or not valid any more
 * @param {(path: string, options: RequestInit) => Promise<Response>} [parts.request]
 */
export function createApi({ onDate, session, onLocked, request = (path, options) => fetch(path, options) }) {
  /** @param {string} path @param {RequestInit} options @param {Record<string, string>} [headers] */
  async function ask(path, options, headers = {}) {
    const { token } = session;
    const all = token === null ? headers : { Authorization: `Bearer ${token}`, ...headers };
    const response = await request(path, { cache: "no-store", ...options, headers: all });
    // Of a token that was left meanwhile, or is only tried, nothing follows.
    if (response.status === 401 && token === session.token && !headers.Authorization) onLocked();
    return response;
  }

  /** @param {string} path @param {Options} options */
  async function call(path, { seconds = 15, headers, ...options } = {}) {
    const limit = AbortSignal.timeout(seconds * 1000);
    try {
      const response = await ask(path, { signal: limit, ...options }, headers);
      const date = response.headers.get("Date");
      if (date) onDate(date);
      return { response, text: await response.text() };
    } catch (error) {
      throw new Unreachable(String(error));
    }
  }

  /** @param {string} path @param {Options} [options] */
  const send = async (path, options) => (await receive(path, options)).text;

  /** @param {string} path @param {Options} [options] */
  async function receive(path, options) {
    const { response, text } = await call(path, options);
    if (response.ok) return { response, text };
    throw new Refused(response.status, problemOf(text), retrySeconds(response.headers.get("Retry-After")));
  }

  /** Have something done to a task. @param {string} id @param {string} action @param {Options} [options] @returns {Promise<import("../types.js").Task>} */
  const act = async (id, action, options) =>
    parsed(await send(`${taskPath(id)}/${action}`, { method: "POST", seconds: 60, ...options }));

  return {
    /** The news of all tasks, from now on or after the last event. @param {string|null} last @param {AbortSignal} signal */
    async events(last, signal) {
      const response = await ask("/v1/events", { signal }, last ? { "Last-Event-ID": last } : {});
      if (response.ok && response.body) return response.body;
      throw new Refused(response.status, problemOf(await response.text()), null);
    },

    /**
     * @param {string|null} cursor
     * @param {{status?: string|null, q?: string, created_after?: string|null, created_before?: string|null, limit?: number}} narrowed the moments are RFC 3339, the second is left out
     * @returns {Promise<import("../types.js").TaskPage>}
     */
    listTasks: async (cursor = null, { limit = 50, ...narrowed } = {}) => {
      const asked = Object.entries({ limit: String(limit), ...narrowed, cursor });
      const given = asked.flatMap(([name, value]) => (value ? [`${name}=${encodeURIComponent(value)}`] : []));
      return parsed(await send(`/v1/tasks?${given.join("&")}`));
    },

    /** What a token's owner has spent today, which tells whose it is; of the session's own, or of one that is tried. @param {string} [token] @returns {Promise<import("../types.js").Spending>} */
    tokenOwner: async (token) => parsed(await send("/v1/spending?days=1", { headers: token ? { Authorization: `Bearer ${token}` } : {} })),

    /** What tasks cost on each of the latest days. @returns {Promise<import("../types.js").Spending>} */
    spending: async () => parsed(await send("/v1/spending?days=30")),

    /** @param {string} id @returns {Promise<import("../types.js").Task>} */
    retrieveTask: async (id) => parsed(await send(taskPath(id))),

    /** The answer as HTML that the server has sanitised. @param {string} id */
    retrieveAnswer: (id) => send(`${taskPath(id)}/answer`, { headers: { Accept: "text/html" }, seconds: 30 }),

    /** What the next task may take and cost. @returns {Promise<import("../types.js").Estimate>} */
    estimate: async () => parsed(await send("/v1/estimate")),

    /** How a task goes, compared with those before it. @param {string} id @returns {Promise<import("../types.js").TaskProgress>} */
    progress: async (id) => parsed(await send(`${taskPath(id)}/progress`)),

    /** @param {string} id @returns {Promise<import("../types.js").Thread>} */
    thread: async (id) => parsed(await send(`${taskPath(id)}/thread`)),

    /**
     * A task as a file: its "export", its "thread/export", or the provider's own "response".
     * @param {string} id @param {"export"|"thread/export"|"response"} what @param {"text/markdown"|"application/json"} type
     */
    async document(id, what, type) {
      const { response, text } = await receive(`${taskPath(id)}/${what}`, { headers: { Accept: type }, seconds: 60 });
      return { name: fileName(response.headers.get("Content-Disposition"), `${id}-${what}.json`), text, type };
    },

    /** Says how the system is, also while it is unavailable. @returns {Promise<import("../types.js").Readiness>} */
    readiness: async () => {
      const { text } = await call("/readyz");
      return parsed(text);
    },

    /**
     * @param {{input: Message[], parent_id?: string}} body
     * @param {string} key the Idempotency-Key: sent again with the same body, it makes no second task
     * @returns {Promise<import("../types.js").Task>}
     */
    createTask: async (body, key) =>
      parsed(
        await send("/v1/tasks", {
          method: "POST",
          headers: { "Content-Type": "application/json", "Idempotency-Key": key },
          body: JSON.stringify(body),
          seconds: 60,
        }),
      ),

    /** @param {string} id */
    cancelTask: (id) => act(id, "cancel"),

    /** @param {string} id */
    abandonTask: (id) => act(id, "abandon"),

    /** The task while it is being deleted, or the receipt. @param {string} id @returns {Promise<import("../types.js").Task|import("../types.js").Tombstone>} */
    deleteTask: async (id) => parsed(await send(taskPath(id), { method: "DELETE", seconds: 60 })),

    /** The new task. @param {string} id @param {string} key the Idempotency-Key */
    retryTask: (id, key) => act(id, "retry", { headers: { "Idempotency-Key": key } }),

    /** @param {string} id @param {string} responseId */
    adoptResponse: (id, responseId) =>
      act(id, "adopt", {
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ response_id: responseId }),
      }),
  };
}

/** @typedef {ReturnType<typeof createApi>} Api */

/** @param {string} id */
export const taskPath = (id) => `/v1/tasks/${encodeURIComponent(id)}`;

/** A body that is not the JSON we expect did not come from Backburner. @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unreachable("The answer was not JSON.");
  }
}

/** @param {string} text @returns {import("../types.js").Problem} */
function problemOf(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/** The name that a Content-Disposition header gives, or the other one. @param {string|null} header @param {string} otherwise */
export function fileName(header, otherwise) {
  const name = /filename\*=UTF-8''([^;\s]+)/.exec(header ?? "")?.[1];
  try {
    return name ? decodeURIComponent(name).replace(/[/\\]/g, "-") : otherwise;
  } catch {
    return otherwise;
  }
}
