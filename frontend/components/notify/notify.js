/** The ways to be told that a task has ended: this browser, and the operator's channels. */

import { el } from "../../scripts/dom.js";
import { notifyOptions } from "../notify-options/notify-options.js";
import { eventWords, serviceName } from "./notify-text.js";

/** @typedef {{name: string, service: string, events: string[], problem: string|null}} Channel */

const UNSET = "The operator has set none for you. Backburner can send e-mail and messages to Slack, Teams, Telegram, ntfy and others: the operator names them in a file (BACKBURNER_NOTIFICATIONS_FILE, see docs/notifications.md).";

/** @param {{api: import("../../scripts/connection/api.js").Api, attention: import("../../scripts/state/attention.js").Attention}} parts */
export function notifyView({ api, attention }) {
  const heading = el("h1", { tabindex: "-1" }, "Notify me");
  const channels = el("div", { "aria-live": "polite" }, el("p", {}, "Loading…"));
  api.request("v1/notifications").then(
    ({ channels: found }) => channels.replaceChildren(...(found.length > 0 ? [el("ul", { class: "channels" }, ...found.map(channel))] : [el("p", {}, UNSET)])),
    () => channels.replaceChildren(el("p", {}, "The channels could not be loaded. Reload the page to try again.")),
  );
  const element = el(
    "section",
    { class: "notify" },
    heading,
    el("p", { class: "lead" }, "You can close this page while a task runs. Choose how you hear of its end."),
    part("In this browser", "For yourself, while a tab of this page is open.", notifyOptions(attention, false)),
    part("Messages", "E-mail, chat or a phone, without an open tab.", channels),
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
