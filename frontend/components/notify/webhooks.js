/** The webhooks of the token's owner: the list, and the form that adds one. */

import { announce, el, setText } from "../../scripts/dom.js";
import { explainWebhook } from "./notify-text.js";
import { webhookForm } from "./webhook-form.js";
import { webhookItem } from "./webhook-item.js";

/** @typedef {import("../../scripts/connection/webhooks-api.js").Endpoint} Endpoint */

/** Between two readings of how the webhooks do. */
const REFRESH_MS = 10_000;

/** @param {{api: import("../../scripts/connection/webhooks-api.js").WebhooksApi, schedule: import("../../scripts/view-host.js").Parts["schedule"]}} parts */
export function webhooks({ api, schedule }) {
  const news = el("p", { role: "status" }, "Loading…");
  const list = el("ul", { class: "webhook-list" });
  const form = webhookForm({ create: api.create, onCreated: add });
  const element = el("div", { class: "webhooks" }, news, list, form.element);
  /** @type {ReturnType<typeof webhookItem>[]} */
  const items = [];
  load();

  async function load() {
    try {
      for (const endpoint of await api.endpoints()) list.append(item(endpoint).element);
      describe();
    } catch (error) {
      setText(news, explainWebhook(error).message);
    }
    schedule(refresh, REFRESH_MS);
  }

  /** Until the view is left. */
  async function refresh() {
    if (!element.isConnected) return;
    const found = await api.endpoints().catch(() => []);
    for (const each of items) {
      const changed = found.find(({ id }) => id === each.id);
      if (changed) each.update(changed);
    }
    schedule(refresh, REFRESH_MS);
  }

  /** @param {Endpoint} endpoint with its secret */
  function add(endpoint) {
    const added = item(endpoint);
    list.append(added.element);
    describe();
    announce(element, "The webhook was added. Copy its secret now.");
    added.focus();
  }

  /** @param {Endpoint} endpoint */
  function item(endpoint) {
    const made = webhookItem({ api, schedule, endpoint, onRemoved });
    items.push(made);
    function onRemoved() {
      made.element.remove();
      describe();
      announce(element, "The webhook was deleted.");
      form.focus();
    }
    return made;
  }

  function describe() {
    setText(news, list.children.length === 0 ? "None yet." : "");
  }

  return element;
}
