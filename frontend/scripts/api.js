/** The one place that talks HTTP: each call returns data or throws Unreachable or Refused. */

import { fileName } from "./files.js";
import { retrySeconds } from "./time.js";

/** @typedef {import("./types.js").Message} Message */

/** No answer came: the network, the server or a time-out; whether it was done is unknown. */
export class Unreachable extends Error {}

/** The API answered with a problem. `retryAfter` is seconds or null. */
export class Refused extends Error {
  /**
   * @param {number} status
   * @param {import("./types.js").Problem} problem
   * @param {number|null} retryAfter
   */
  constructor(status, problem, retryAfter) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

/**
 * @param {(serverDate: string) => void} onDate hears the Date header of every response
 * @param {typeof fetch} request
 */
export function createApi(onDate, request = (...call) => fetch(...call)) {
  /** @param {string} path @param {RequestInit & {seconds?: number}} options */
  async function call(path, { seconds = 15, ...options } = {}) {
    const limit = AbortSignal.timeout(seconds * 1000);
    try {
      const response = await request(path, { cache: "no-store", signal: limit, ...options });
      const date = response.headers.get("Date");
      if (date) onDate(date);
      return { response, text: await response.text() };
    } catch (error) {
      throw new Unreachable(String(error));
    }
  }

  /** @param {string} path @param {Parameters<typeof call>[1]} [options] */
  const send = async (path, options) => (await receive(path, options)).text;

  /** @param {string} path @param {Parameters<typeof call>[1]} [options] */
  async function receive(path, options) {
    const { response, text } = await call(path, options);
    if (response.ok) return { response, text };
    throw new Refused(response.status, problemOf(text), retrySeconds(response.headers.get("Retry-After")));
  }

  /** Have something done to a task. @param {string} id @param {string} action @param {RequestInit} [options] @returns {Promise<import("./types.js").Task>} */
  const act = async (id, action, options) =>
    parsed(await send(`${taskPath(id)}/${action}`, { method: "POST", seconds: 60, ...options }));

  return {
    /** The news of all tasks, from now on or after the last event. @param {string|null} last @param {AbortSignal} signal */
    async events(last, signal) {
      const response = await request("/v1/events", { cache: "no-store", signal, headers: last ? { "Last-Event-ID": last } : {} });
      if (response.ok && response.body) return response.body;
      throw new Refused(response.status, problemOf(await response.text()), null);
    },

    /**
     * @param {string|null} cursor
     * @param {{status?: string|null, q?: string, limit?: number}} narrowed
     * @returns {Promise<import("./types.js").TaskPage>}
     */
    listTasks: async (cursor = null, { status, q, limit = 50 } = {}) => {
      const asked = Object.entries({ limit: String(limit), status, q, cursor });
      const given = asked.flatMap(([name, value]) => (value ? [`${name}=${encodeURIComponent(value)}`] : []));
      return parsed(await send(`/v1/tasks?${given.join("&")}`));
    },

    /** What tasks cost on each of the latest days. @returns {Promise<import("./types.js").Spending>} */
    spending: async () => parsed(await send("/v1/spending?days=30")),

    /** @param {string} id @returns {Promise<import("./types.js").Task>} */
    retrieveTask: async (id) => parsed(await send(taskPath(id))),

    /** The answer as HTML that the server has sanitised. @param {string} id */
    retrieveAnswer: (id) => send(`${taskPath(id)}/answer`, { headers: { Accept: "text/html" }, seconds: 30 }),

    /** What the next task may take and cost. @returns {Promise<import("./types.js").Estimate>} */
    estimate: async () => parsed(await send("/v1/estimate")),

    /** How a task goes, compared with those before it. @param {string} id @returns {Promise<import("./types.js").Outlook>} */
    outlook: async (id) => parsed(await send(`${taskPath(id)}/outlook`)),

    /** @param {string} id @returns {Promise<import("./types.js").Thread>} */
    thread: async (id) => parsed(await send(`${taskPath(id)}/thread`)),

    /**
     * A task as a file: its "export", its "thread/export", or the provider's own "response".
     * @param {string} id @param {"export"|"thread/export"|"response"} what @param {"text/markdown"|"application/json"} type
     */
    async document(id, what, type) {
      const { response, text } = await receive(`${taskPath(id)}/${what}`, { headers: { Accept: type }, seconds: 60 });
      return { name: fileName(response.headers.get("Content-Disposition"), `${id}-${what}.json`), text, type };
    },

    /** Says how the system is, also while it is unavailable. @returns {Promise<import("./types.js").Readiness>} */
    readiness: async () => {
      const { text } = await call("/readyz");
      return parsed(text);
    },

    /**
     * @param {{input: Message[], parent_id?: string}} body
     * @param {string} key the Idempotency-Key: sent again with the same body, it makes no second task
     * @returns {Promise<import("./types.js").Task>}
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

    /** The task while it is being deleted, or the receipt. @param {string} id @returns {Promise<import("./types.js").Task|import("./types.js").Tombstone>} */
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

/** @param {string} text @returns {import("./types.js").Problem} */
function problemOf(text) {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
