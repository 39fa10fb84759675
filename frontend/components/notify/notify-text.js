/** Words for events, services, endpoints and deliveries. Pure. */

import { Refused } from "../../scripts/connection/api.js";

/** The events that a webhook can get, in the order of the form. @type {Record<string, string>} */
export const EVENTS = {
  "task.completed": "completed",
  "task.incomplete": "incomplete",
  "task.failed": "failed",
  "task.cancelled": "cancelled",
  "task.unconfirmed": "needs a decision",
  "task.late_answer": "late answer",
};

/** What OpenAI's format has a name for. */
export const OPENAI_EVENTS = ["task.completed", "task.incomplete", "task.failed", "task.cancelled"];

/** @type {Record<string, string>} */
const OTHER_EVENTS = {
  budget_warning: "budget warning",
  submissions_paused: "sending paused",
  model_shutdown: "end of the model",
  weekly_digest: "weekly spending",
};

/** @type {Record<string, string>} */
const SERVICES = { mailto: "e-mail", mailtos: "e-mail", tgram: "Telegram", json: "HTTP", jsons: "HTTP", form: "HTTP", forms: "HTTP", xml: "HTTP", xmls: "HTTP", slack: "Slack", discord: "Discord", ntfy: "ntfy", ntfys: "ntfy", workflows: "Teams", pover: "Pushover" };

/** @param {string} service the beginning of apprise's address */
export const serviceName = (service) => SERVICES[service] ?? service;

/** @param {string[]} events */
export const eventWords = (events) => events.map((event) => EVENTS[event] ?? OTHER_EVENTS[event] ?? event).join(", ");

/** @param {import("../../scripts/connection/webhooks-api.js").Endpoint} endpoint @returns {{tone: string, word: string, text: string}} */
export function endpointState({ disabled, disabled_reason, failing_since, waiting }) {
  const left = waiting === 0 ? "" : waiting === 1 ? "1 event waits." : `${waiting} events wait.`;
  if (disabled) return { tone: "quiet", word: "Disabled", text: [disabled_reason, left].filter(Boolean).join(" ") };
  if (failing_since) return { tone: "bad", word: "Failing", text: `The latest try failed. ${left} It is tried again.`.replace("  ", " ") };
  return { tone: "good", word: "Active", text: left };
}

/** @type {Record<string, string>} */
const ERRORS = {
  timeout: "no answer in time",
  connect_failed: "no connection",
  address_refused: "address not allowed",
  tls_failed: "certificate not valid",
};

/** @param {import("../../scripts/connection/webhooks-api.js").Delivery} delivery */
export function deliveryResult({ outcome, status, error, duration_ms }) {
  const cause = error ? (ERRORS[error] ?? error.replaceAll("_", " ")) : `status ${status}`;
  if (outcome === "delivered") return `Delivered (status ${status}, ${duration_ms} ms)`;
  return outcome === "retrying" ? `Failed (${cause}), is tried again` : `Failed (${cause}), given up`;
}

/** What a person should change; `field` where it is one of the form. @param {unknown} error @returns {{field: string|null, message: string}} */
export function explainWebhook(error) {
  if (!(error instanceof Refused)) return { field: null, message: "Backburner did not respond. Look at the list before you try again." };
  const [first] = error.problem.errors ?? [];
  if (first) return { field: first.field, message: first.message };
  return { field: null, message: error.problem.detail || error.problem.title || `Backburner refused the request (HTTP ${error.status}).` };
}
