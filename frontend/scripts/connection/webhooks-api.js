/** The calls about webhooks and the operator's channels, loaded with their view. */

/**
 * @typedef {object} Endpoint
 * @property {string} id
 * @property {string} url
 * @property {string[]} events
 * @property {"backburner"|"openai"} format
 * @property {boolean} disabled
 * @property {string|null} disabled_reason
 * @property {string|null} failing_since
 * @property {number} waiting events that are not delivered yet
 * @property {string|null} previous_secret_until
 * @property {string} [secret] only after it was made
 */
/** @typedef {{event_id: string, type: string, task_id: string|null, attempt: number, at: string, outcome: "delivered"|"retrying"|"given_up", status: number|null, error: string|null, duration_ms: number, next_attempt_at: string|null}} Delivery */
/** @typedef {{name: string, service: string, events: string[], last_sent_at: string|null, failing_since: string|null, problem: string|null}} Channel */

const ENDPOINTS = "v1/webhook-endpoints";

/** @param {Pick<import("./api.js").Api, "request">} api @param {() => string} newKey */
export function createWebhooksApi(api, newKey) {
  const path = (/** @type {string} */ id) => `${ENDPOINTS}/${encodeURIComponent(id)}`;
  return {
    /** @returns {Promise<Channel[]>} */
    channels: async () => (await api.request("v1/notifications")).channels,
    /** @returns {Promise<Endpoint[]>} oldest first */
    endpoints: async () => (await api.request(ENDPOINTS)).data,
    /** @param {{url: string, events: string[], format: string}} wanted @returns {Promise<Endpoint>} with its secret */
    create: (wanted) => api.request(ENDPOINTS, "POST", wanted, { "Idempotency-Key": newKey() }),
    /** @param {string} id @param {{disabled: boolean}} changes @returns {Promise<Endpoint>} */
    update: (id, changes) => api.request(path(id), "PATCH", changes),
    /** @param {string} id @returns {Promise<Endpoint>} with its new secret */
    rotate: (id) => api.request(`${path(id)}/rotate-secret`, "POST"),
    /** @param {string} id @returns {Promise<string>} the id of the event that is sent */
    test: async (id) => (await api.request(`${path(id)}/test`, "POST")).event_id,
    /** @param {string} id @returns {Promise<Delivery[]>} newest first */
    deliveries: async (id) => (await api.request(`${path(id)}/deliveries`)).data,
    /** @param {string} id */
    remove: (id) => api.request(path(id), "DELETE"),
  };
}

/** @typedef {ReturnType<typeof createWebhooksApi>} WebhooksApi */
