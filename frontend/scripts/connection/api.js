/** The only module that calls the API. Each call returns data or throws Unreachable or Refused. */

import { retrySeconds } from "../format/time.js";

/** @typedef {import("../types.js").Message} Message */

/** No response: network, server or timeout. Whether the request was carried out is unknown. */
export class Unreachable extends Error {}

/** The API responded with a problem document. `retryAfter` is in seconds, or null. */
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

/** @typedef {Omit<RequestInit, "headers"> & {seconds?: number, headers?: Record<string, string>}} Options `seconds` is the timeout */

/**
 * @param {object} parts
 * @param {(serverDate: string) => void} parts.onDate receives the Date header of every response
 * @param {{readonly token: string|null}} parts.session
 * @param {() => void} parts.onLocked called when the session has no token or an invalid one
 * @param {(path: string, options: RequestInit) => Promise<Response>} [parts.request]
 */
export function createApi({ onDate, session, onLocked, request = (path, options) => fetch(path, options) }) {
  /** @param {string} path @param {RequestInit} options @param {Record<string, string>} [headers] */
  async function ask(path, options, headers = {}) {
    const { token } = session;
    const all = token === null ? headers : { Authorization: `Bearer ${token}`, ...headers };
    const response = await request(path, { cache: "no-store", ...options, headers: all });
    // Not for a token that was replaced meanwhile, nor for one that sign-in only checks.
    if (response.status === 401 && token === session.token && !headers.Authorization) onLocked();
    return response;
  }

  /** @param {string} path @param {Options} options */
  async function call(path, { seconds = 15, headers, ...options } = {}) {
    const limit = AbortSignal.timeout(seconds * 1000);
    const { token } = session; // what is read with one must not show under another
    try {
      const response = await ask(path, { signal: limit, ...options }, headers);
      const date = response.headers.get("Date");
      if (date) onDate(date);
      const text = await response.text();
      if (session.token !== token && !headers?.Authorization && response.status !== 401) throw new Error("another session has begun");
      return { response, text };
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

  /** Run an action on a task. @param {string} id @param {string} action @param {Options} [options] @returns {Promise<import("../types.js").Task>} */
  const act = async (id, action, options) =>
    parsed(await send(`${taskPath(id)}/${action}`, { method: "POST", seconds: 60, ...options }));

  return {
    /** The event stream of all tasks, from now or after the event `last`. @param {string|null} last @param {AbortSignal} signal */
    async events(last, signal) {
      const response = await ask("v1/events", { signal }, last ? { "Last-Event-ID": last } : {});
      if (response.ok && response.body) return response.body;
      throw new Refused(response.status, problemOf(await response.text()), null);
    },

    /**
     * @param {string|null} cursor
     * @param {{status?: string|null, q?: string, created_after?: string|null, created_before?: string|null, pinned?: boolean, limit?: number, sort?: "cost"|"duration", total?: boolean, snippets?: boolean}} filters times are RFC 3339; the second is exclusive
     * @returns {Promise<import("../types.js").TaskPage>}
     */
    listTasks: async (cursor = null, { limit = 50, ...narrowed } = {}) => {
      const asked = Object.entries({ limit: String(limit), ...narrowed, cursor });
      const given = asked.flatMap(([name, value]) => (value ? [`${name}=${encodeURIComponent(value)}`] : []));
      return parsed(await send(`v1/tasks?${given.join("&")}`));
    },

    /** The owner of the session's token or of the one given. @param {string} [token] @returns {Promise<import("../types.js").Me>} */
    me: async (token) => parsed(await send("v1/me", { headers: token ? { Authorization: `Bearer ${token}` } : {} })),

    /** @returns {Promise<{data: import("../types.js").Preset[]}>} */
    presets: async () => parsed(await send("v1/presets")),

    /** @param {string} id chosen by the client @param {{name: string, text: string}} preset @returns {Promise<import("../types.js").Preset>} */
    savePreset: async (id, preset) => parsed(await send(`v1/presets/${id}`, { method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify(preset) })),

    /** @param {string} id */
    deletePreset: (id) => send(`v1/presets/${id}`, { method: "DELETE" }),

    /** Any other call, for views that load later. The parsed reply, null where it is empty. @param {string} path @param {"GET"|"POST"|"PATCH"|"DELETE"} [method] @param {object} [body] @param {Record<string, string>} [headers] */
    async request(path, method = "GET", body, headers = {}) {
      /** @type {Record<string, string>} */
      const type = body ? { "Content-Type": "application/json" } : {};
      const text = await send(path, { method, headers: { ...type, ...headers }, body: body && JSON.stringify(body) });
      return text ? parsed(text) : null;
    },

    /** Cost of today (UTC), and what its budget leaves. @returns {Promise<import("../types.js").Spending>} */
    today: async () => parsed(await send("v1/spending?days=1")),

    /** Cost by day, the last 30 days. @returns {Promise<import("../types.js").Spending>} */
    spending: async () => parsed(await send("v1/spending?days=30")),

    /** @param {string} id @returns {Promise<import("../types.js").Task>} */
    retrieveTask: async (id) => parsed(await send(taskPath(id))),

    /** The answer as HTML that the API has sanitised. @param {string} id */
    retrieveAnswer: (id) => send(`${taskPath(id)}/answer`, { headers: { Accept: "text/html" }, seconds: 30 }),

    /** A message of the input as HTML that the API has sanitised. @param {string} id @param {number} index */
    retrieveMessage: (id, index) => send(`${taskPath(id)}/messages/${index}`, { headers: { Accept: "text/html" }, seconds: 30 }),

    /** Expected duration and cost of the next task. @returns {Promise<import("../types.js").Estimate>} */
    estimate: async () => parsed(await send("v1/estimate")),

    /** How a running task compares with earlier ones. @param {string} id @returns {Promise<import("../types.js").TaskProgress>} */
    progress: async (id) => parsed(await send(`${taskPath(id)}/progress`)),

    /** @param {string} id @returns {Promise<import("../types.js").Thread>} */
    thread: async (id) => parsed(await send(`${taskPath(id)}/thread`)),

    /**
     * A task as a file: its "export", its "thread/export", or the provider's raw "response".
     * @param {string} id @param {"export"|"thread/export"|"response"} what @param {"text/markdown"|"application/json"} type
     */
    async document(id, what, type) {
      const { response, text } = await receive(`${taskPath(id)}/${what}`, { headers: { Accept: type }, seconds: 60 });
      return { name: fileName(response.headers.get("Content-Disposition"), `${id}-${what}.json`), text, type };
    },

    /** System status, also while the API is unavailable (503). @returns {Promise<import("../types.js").Readiness>} */
    readiness: async () => {
      const { text } = await call("readyz");
      return parsed(text);
    },

    /**
     * @param {{input: Message[], title?: string, parent_id?: string}} body
     * @param {string} key the Idempotency-Key: a second request with the same body makes no second task
     * @returns {Promise<import("../types.js").Task>}
     */
    createTask: async (body, key) =>
      parsed(
        await send("v1/tasks", {
          method: "POST",
          headers: { "Content-Type": "application/json", "Idempotency-Key": key },
          body: JSON.stringify(body),
          seconds: 60,
        }),
      ),

    /** Rename, pin or archive a task, or mark it as read. @param {string} id @param {import("../types.js").Marks} marks @returns {Promise<import("../types.js").Task>} */
    updateTask: async (id, marks) => parsed(await send(taskPath(id), { method: "PATCH", headers: { "Content-Type": "application/json" }, body: JSON.stringify(marks) })),

    /** @param {string} id */
    cancelTask: (id) => act(id, "cancel"),

    /** @param {string} id */
    abandonTask: (id) => act(id, "abandon"),

    /** The task while its deletion is in progress, or the receipt. @param {string} id @param {boolean} [hereOnly] after an attempt that the provider did not confirm @returns {Promise<import("../types.js").Task|import("../types.js").DeletionReceipt>} */
    deleteTask: async (id, hereOnly = false) =>
      parsed(await send(taskPath(id) + (hereOnly ? "?here_only=true" : ""), { method: "DELETE", seconds: 60 })),

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
export const taskPath = (id) => `v1/tasks/${encodeURIComponent(id)}`;

/** A body that is not JSON came from a proxy, not from Backburner. @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unreachable("The response is not JSON.");
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

/** The file name in a Content-Disposition header, or `otherwise`. @param {string|null} header @param {string} otherwise */
export function fileName(header, otherwise) {
  const name = /filename\*=UTF-8''([^;\s]+)/.exec(header ?? "")?.[1];
  try {
    return name ? decodeURIComponent(name).replace(/[/\\]/g, "-") : otherwise;
  } catch {
    return otherwise;
  }
}
