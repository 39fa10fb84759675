/** One webhook: how it does, its secret while that is new, a test, its latest deliveries, and what can be changed. */

import { announce, el, setText } from "../../scripts/dom.js";
import { stamp } from "../../scripts/format/time.js";
import { confirmation, copyButton } from "../buttons/buttons.js";
import { deliveryResult, endpointState, eventWords, explainWebhook } from "./notify-text.js";

/** @typedef {import("../../scripts/connection/webhooks-api.js").Endpoint} Endpoint */
/** @typedef {import("../../scripts/connection/webhooks-api.js").Delivery} Delivery */

/** Between two looks at the deliveries while a test is under way, and how many there are. */
const LOOK_MS = 1_000;
const MAX_LOOKS = 30;

/** @param {{api: import("../../scripts/connection/webhooks-api.js").WebhooksApi, schedule: import("../../scripts/view-host.js").Parts["schedule"], endpoint: Endpoint, onRemoved: () => void}} parts */
export function webhookItem({ api, schedule, endpoint, onRemoved }) {
  const { id, url, events, format } = endpoint;
  const badge = el("span", { class: "badge" });
  const state = el("p", { class: "webhook-state" });
  const secret = el("div", { class: "webhook-secret", tabindex: "-1", hidden: true });
  const news = el("p", { role: "status" });
  const toggle = el("button", { type: "button", click: () => change(() => api.update(id, { disabled: !latest.disabled })) });
  const test = el("button", { type: "button", click: sendTest }, "Send a test");
  const log = el("tbody", {});
  const empty = el("p", {}, "Nothing was sent yet.");
  const heads = ["Time", "Event", "Result"].map((word) => el("th", { scope: "col" }, word));
  const table = el("table", {}, el("thead", {}, el("tr", {}, ...heads)), log);
  const deliveries = el("details", { class: "deliveries", toggle: () => deliveries.open && showDeliveries() }, el("summary", {}, "Latest deliveries"), empty, table);
  const rotate = confirmation({ ask: "New secret…", yes: "Make a new secret", doing: "Making it…", onYes: () => change(() => api.rotate(id)) });
  rotate.setTerms("You see the new secret once. The old one stays valid for 24 hours, so that your program can be changed meanwhile.");
  const remove = confirmation({ ask: "Delete…", yes: "Delete this webhook", doing: "Deleting…", isDangerous: true, onYes: () => change(() => api.remove(id).then(onRemoved)) });
  remove.setTerms("Nothing more is sent to this address, and events that wait are dropped.");
  const about = el("p", { class: "webhook-about" }, `${eventWords(events)} · ${format === "openai" ? "OpenAI's format" : "Backburner's format"}`);
  const actions = el("div", { class: "webhook-actions" }, test, toggle, rotate.element, remove.element);
  const element = el("li", { class: "webhook" }, el("div", { class: "webhook-head" }, el("strong", { dir: "ltr" }, url), badge), about, state, secret, actions, news, deliveries);
  let latest = endpoint;
  let busy = false;
  draw(endpoint);

  /** @param {Endpoint} changed */
  function draw(changed) {
    latest = changed;
    const { tone, word, text } = endpointState(changed);
    badge.className = `badge tone-${tone}`;
    setText(badge, word);
    setText(state, text);
    setText(toggle, changed.disabled ? "Enable" : "Disable");
    test.hidden = changed.disabled;
    if (changed.secret) showSecret(changed.secret);
  }

  /** @param {string} text */
  function showSecret(text) {
    const field = el("input", { value: text, readonly: true, "aria-label": "Signing secret", spellcheck: "false" });
    secret.replaceChildren(
      el("p", {}, el("strong", {}, "Copy this secret now."), " It is not shown again. Your program checks with it that a request comes from here."),
      el("div", { class: "secret-line" }, field, copyButton({ name: "Copy", about: "the secret", text: () => text })),
    );
    secret.hidden = false;
  }

  /** @param {() => Promise<Endpoint|void>} action */
  async function change(action) {
    if (busy) return;
    busy = true;
    setText(news, "");
    try {
      const changed = await action();
      rotate.close();
      remove.close();
      if (changed) draw(changed);
      if (changed?.secret) secret.focus();
    } catch (error) {
      setText(news, explainWebhook(error).message);
    }
    busy = false;
  }

  function sendTest() {
    change(async () => {
      setText(news, "Sending a test…");
      follow(await api.test(id), MAX_LOOKS);
    });
  }

  /** Look until the test has a result. @param {string} event @param {number} looks */
  async function follow(event, looks) {
    const found = await api.deliveries(id).catch(() => []);
    if (!element.isConnected) return;
    const result = found.find(({ event_id }) => event_id === event);
    if (result) {
      setText(news, `Test: ${deliveryResult(result)}.`);
      if (deliveries.open) drawDeliveries(found);
    } else if (looks === 0) setText(news, "The test has no result yet. Look at the latest deliveries later; a poller must run.");
    else schedule(() => follow(event, looks - 1), LOOK_MS);
  }

  async function showDeliveries() {
    try {
      drawDeliveries(await api.deliveries(id));
    } catch (error) {
      setText(news, explainWebhook(error).message);
      announce(element, "The deliveries could not be loaded.");
    }
  }

  /** @param {Delivery[]} found */
  function drawDeliveries(found) {
    empty.hidden = found.length > 0;
    table.hidden = found.length === 0;
    log.replaceChildren(
      ...found.map((each) => el("tr", {}, el("td", {}, stamp(each.at, Date.now())), el("td", {}, each.type), el("td", {}, deliveryResult(each)))),
    );
  }

  return {
    id,
    element,
    focus: () => secret.focus(),
    /** @param {Endpoint} changed as read again, without the secret, which stays */
    update(changed) {
      if (busy) return;
      draw(changed);
      if (deliveries.open) showDeliveries();
    },
  };
}
