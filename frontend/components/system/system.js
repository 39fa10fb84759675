/** The system view: what is wrong in one sentence, the facts, and spending by day. */

import { el } from "../../scripts/dom.js";
import { facts, summary } from "../../scripts/format/system-status.js";
import { listAddress } from "../../scripts/router.js";
import { spending } from "./spending.js";

/** @typedef {import("../../scripts/types.js").Readiness} Readiness */
/** @typedef {import("../../scripts/types.js").Status} Status */

/** Between two readings of counts and costs. */
const REFRESH_MS = 15_000;

/** @type {Status[]} */
const COUNTED = ["queued", "in_progress", "unconfirmed"];

/** @param {import("../../scripts/connection/api.js").Api} api */
export function systemView(api) {
  const heading = el("h1", { tabindex: "-1" }, "System");
  const state = el("section", { class: "system-state", "aria-labelledby": "system-word", hidden: true });
  const list = el("dl", { class: "system-facts" });
  const money = el("section", { "aria-labelledby": "spending-heading" }, el("h2", { id: "spending-heading" }, "Spending"), el("p", {}, "Loading…"));
  const element = el("section", { class: "system" }, heading, state, list, money);
  /** @type {Record<string, {tasks: number, more: boolean}>} */
  let counts = {};
  /** @type {Readiness|null} */
  let known = null;
  let readAt = -Infinity;
  let shown = "";
  let shownSpending = "";

  async function read() {
    const [spent, ...pages] = await Promise.all([api.spending(), ...COUNTED.map((status) => api.listTasks(null, { status, limit: 100 }))]);
    counts = Object.fromEntries(pages.map((page, index) => [COUNTED[index], { tasks: page.data.length, more: page.next_cursor !== null }]));
    draw();
    if (shownSpending === (shownSpending = JSON.stringify(spent))) return;
    money.replaceChildren(money.children[0], ...spending(spent));
  }

  function draw() {
    if (known === null || shown === (shown = JSON.stringify([known, counts]))) return;
    const { well, asks, word, text } = summary(known, counts);
    state.hidden = false;
    state.dataset.well = String(well);
    state.dataset.asks = String(asks);
    state.replaceChildren(el("h2", { id: "system-word" }, word), el("p", {}, text));
    list.replaceChildren(...facts(known, counts).map(fact));
  }

  return {
    element,
    heading,
    /** @param {Readiness|null} readiness @param {number} now */
    update(readiness, now) {
      if (now - readAt > REFRESH_MS) {
        readAt = now;
        read().catch(() => {}); // the notice above the view says so
      }
      known = readiness;
      draw();
    },
  };
}

/** @param {import("../../scripts/format/system-status.js").Fact} fact */
function fact({ name, value, well, asks = false, to }) {
  const text = to ? el("a", { href: listAddress({ status: to }) }, value) : value;
  return el("div", { "data-well": String(well), "data-asks": String(asks) }, el("dt", {}, name), el("dd", {}, text));
}
