/** The ways to hear of the end of a task: this browser, the operator's channels, webhooks. */

import { el } from "../../scripts/dom.js";
import { notifyOptions } from "../notify-options/notify-options.js";
import { eventWords, serviceName } from "./notify-text.js";
import { webhooks } from "./webhooks.js";

/** @typedef {import("../../scripts/connection/webhooks-api.js").Channel} Channel */

const UNSET = "The operator has set none for you. Backburner can send e-mail and messages to Slack, Teams, Telegram, ntfy and others: the operator names them in a file (BACKBURNER_NOTIFICATIONS_FILE, see docs/notifications.md).";

/** @param {{api: import("../../scripts/connection/webhooks-api.js").WebhooksApi, attention: import("../../scripts/state/attention.js").Attention, schedule: import("../../scripts/view-host.js").Parts["schedule"]}} parts */
export function notifyView({ api, attention, schedule }) {
  const heading = el("h1", { tabindex: "-1" }, "Notify me");
  const channels = el("div", { "aria-live": "polite" }, el("p", {}, "Loading…"));
  api.channels().then(
    (found) => channels.replaceChildren(...(found.length > 0 ? [el("ul", { class: "channels" }, ...found.map(channel))] : [el("p", {}, UNSET)])),
    () => channels.replaceChildren(el("p", {}, "The channels could not be loaded. Reload the page to try again.")),
  );
  const element = el(
    "section",
    { class: "notify" },
    heading,
    el("p", { class: "lead" }, "You can close this page while a task runs. Choose how you hear of its end."),
    part("In this browser", "For yourself, while a tab of this page is open.", notifyOptions(attention, false)),
    part("Messages", "E-mail, chat or a phone, without an open tab.", channels),
    part("Webhooks", "For a program of yours: a signed HTTP request for each event.", webhooks({ api, schedule })),
  );
  return { element, heading };
}

/** @param {string} title @param {string} text @param {Element} content */
function part(title, text, content) {
  const id = `notify-${title.toLowerCase().replaceAll(" ", "-")}`;
  return el("section", { "aria-labelledby": id }, el("h2", { id }, title), el("p", { class: "hint" }, text), content);
}

/** @param {Channel} channel */
function channel({ name, service, events, problem }) {
  const failing = problem && el("span", { class: "channel-problem" }, ` The latest message failed (${problem}).`);
  return el("li", {}, el("strong", {}, name), ` by ${serviceName(service)}: ${eventWords(events)}.`, failing);
}
