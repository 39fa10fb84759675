/** Words for events and services. Pure. */

/** @type {Record<string, string>} */
const EVENTS = {
  "task.completed": "completed",
  "task.incomplete": "incomplete",
  "task.failed": "failed",
  "task.cancelled": "cancelled",
  "task.unconfirmed": "needs a decision",
  "task.late_answer": "late answer",
};

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
