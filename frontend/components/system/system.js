/** The system view: what is wrong, the facts, the longest-running tasks, and spending against the budget. */

import { el, setText } from "../../scripts/dom.js";
import { facts, summary } from "../../scripts/format/system-status.js";
import { elapsed } from "../../scripts/format/time.js";
import { listAddress, taskAddress } from "../../scripts/router.js";
import { spending } from "./spending.js";

/** @typedef {import("../../scripts/types.js").Readiness} Readiness */
/** @typedef {import("../../scripts/types.js").Status} Status */

/** Between two readings of counts and costs. */
const REFRESH_MS = 15_000;

const MAX_LONGEST = 5;

/** @type {Status[]} */
const COUNTED = ["queued", "in_progress", "unconfirmed"];

/** @param {import("../../scripts/connection/api.js").Api} api */
export function systemView(api) {
  const heading = el("h1", { tabindex: "-1" }, "System");
  const state = el("section", { class: "system-state", "aria-labelledby": "system-word", hidden: true });
  const list = el("dl", { class: "system-facts" });
  const longest = el("section", { "aria-labelledby": "longest-heading", hidden: true }, el("h2", { id: "longest-heading" }, "Longest running"), el("ol", { class: "longest" }));
  const money = el("section", { "aria-labelledby": "spending-heading" }, el("h2", { id: "spending-heading" }, "Spending"), el("p", {}, "Loading…"));
  const element = el("section", { class: "system" }, heading, state, list, longest, money);
  /** @type {import("../../scripts/types.js").TaskSummary[]} */
  let running = [];
  /** @type {Record<string, {tasks: number, more: boolean}>} */
  let counts = {};
  /** @type {Readiness|null} */
  let known = null;
  let readAt = -Infinity;
  let isReading = false; // a slow reading must not replace a later one
  let shown = "";
  let shownSpending = "";

  async function read() {
    const [spent, ...pages] = await Promise.all([api.spending(), ...COUNTED.map((status) => api.listTasks(null, { status, limit: 100 }))]);
    counts = Object.fromEntries(pages.map((page, index) => [COUNTED[index], { tasks: page.data.length, more: page.next_cursor !== null }]));
    running = pages[COUNTED.indexOf("in_progress")].data.toReversed().slice(0, MAX_LONGEST);
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
    const { issues } = known;
    const words = issues.length > 1 ? el("ul", {}, ...issues.map(({ message }) => el("li", {}, message))) : el("p", {}, text);
    state.replaceChildren(el("h2", { id: "system-word" }, word), words);
    list.replaceChildren(...facts(known, counts).map(fact));
  }

  /** The links stay, so that a focus is kept. @param {number} now */
  function drawLongest(now) {
    longest.hidden = running.length === 0;
    const items = longest.children[1];
    const ids = running.map(({ id }) => id).join();
    if (items.id !== ids) items.replaceChildren(...running.map(({ id, title }) => el("li", {}, el("a", { href: taskAddress(id), dir: "auto" }, title), el("span", {}))));
    items.id = ids;
    running.forEach((task, index) => setText(/** @type {Element} */ (items.children[index].lastChild), elapsed(task, now)));
  }

  return {
    element,
    heading,
    /** @param {Readiness|null} readiness @param {number} now */
    update(readiness, now) {
      if (now - readAt > REFRESH_MS && !isReading) {
        readAt = now;
        isReading = true;
        read()
          .catch(() => {}) // the notice above the view says so
          .finally(() => (isReading = false));
      }
      known = readiness;
      draw();
      drawLongest(now);
    },
  };
}

/** @param {import("../../scripts/format/system-status.js").Fact} fact */
function fact({ name, value, well, asks = false, to }) {
  const text = to ? el("a", { href: listAddress({ status: to }) }, value) : value;
  return el("div", { "data-well": String(well), "data-asks": String(asks) }, el("dt", {}, name), el("dd", {}, text));
}
