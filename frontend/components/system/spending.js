/** Spending by day, as a chart and as a table. */

import { el } from "../../scripts/dom.js";
import { dollars } from "../../scripts/format/cost.js";
import { longDate } from "../../scripts/format/time.js";
import { bars, ceiling, everyDay } from "./chart.js";

/** @typedef {import("../../scripts/types.js").Spending} Spending */
/** @typedef {import("./chart.js").Day} Day */

const WIDTH = 640;
const HEIGHT = 160;
const LABELS = 32;
const AXIS = 64;

/** @param {Spending} spent */
export function spending(spent) {
  const days = everyDay(spent);
  const drawn = spent.days.length > 1; // a single bar shows nothing
  return [
    ...budgets(spent).map(budget),
    el("p", {}, summary(spent)),
    drawn && chart(days, `Spending by day. ${summary(spent)}`),
    drawn && el("p", { class: "chart-key" }, el("span", { class: "key-useful" }, "complete answers"), el("span", { class: "key-wasted" }, "failed, cancelled or incomplete")),
    el("details", {}, el("summary", {}, "Show as a table"), table(spent.days)),
  ].filter((part) => part !== false);
}

/** Today's budgets: the installation's for an admin, and those of the owners. @param {Pick<Spending, "today">} spent */
export function budgets({ today }) {
  const all = [...(today.installation ? [{ ...today.installation, owner: null }] : []), ...today.owners];
  return all.flatMap(({ owner, budget_usd, spent_usd, reserved_usd }) => {
    if (budget_usd === null) return [];
    const reserved = reserved_usd > 0 ? ` and ${dollars(reserved_usd)} reserved for tasks under way` : "";
    return [{ share: Math.min(1, (spent_usd + reserved_usd) / budget_usd), says: `Today${owner ? ` (${owner})` : ""}: ${dollars(spent_usd)}${reserved} of ${dollars(budget_usd)}. The budget is free again at midnight UTC.` }];
  });
}

/** @param {{share: number, says: string}} known */
function budget({ share, says }) {
  const bar = el("meter", { min: "0", max: "1", high: "0.9", value: String(share), "aria-label": "Share of today’s budget that is used" });
  return el("div", { class: "budget" }, bar, el("p", {}, says));
}

/** @param {Spending} spent */
function summary({ provider, since, until, total }) {
  const estimated = total.estimated_usd > 0 ? `; the budget counts ${dollars(total.estimated_usd)}` : "";
  const unpriced = total.unpriced > 0 ? ` The cost of ${total.unpriced === 1 ? "one" : total.unpriced} of them is unknown${estimated}.` : "";
  const made = provider === "simulator" ? " Nothing is paid with the simulator: these are the prices of the real model." : "";
  return `${dollars(total.cost_usd)} for ${total.tasks} ${total.tasks === 1 ? "task" : "tasks"} from ${longDate(since)} to ${longDate(until)} (UTC).${unpriced}${made}`;
}

/** @param {Day[]} days @param {string} label */
function chart(days, label) {
  const top = ceiling(Math.max(...days.map((day) => day.cost_usd)));
  const drawing = svg("svg", { viewBox: `0 0 ${AXIS + WIDTH} ${HEIGHT + LABELS + 8}`, role: "img", "aria-label": label, class: "chart" });
  for (const share of [0, 0.5, 1]) drawing.append(...line(HEIGHT * (1 - share) + 8, dollars(top * share).replace(".00", "")));
  for (const { day, x, width, useful, wasted } of bars(days, { width: WIDTH, height: HEIGHT, top })) {
    const bar = svg("g", {}, svg("title", {}, `${longDate(day.date)}: ${dollars(day.cost_usd)}, ${day.tasks} tasks`));
    for (const [kind, piece] of Object.entries({ useful, wasted }))
      bar.append(svg("rect", { class: `bar-${kind}`, x: AXIS + x, width, y: piece.y + 8, height: piece.height }));
    drawing.append(bar);
  }
  drawing.append(date(days[0], AXIS, "start"), date(days[days.length - 1], AXIS + WIDTH, "end"));
  return drawing;
}

/** @param {number} y @param {string} figure */
const line = (y, figure) => [
  svg("line", { class: "chart-line", x1: AXIS, x2: AXIS + WIDTH, y1: y, y2: y }),
  svg("text", { x: AXIS - 8, y: y + 4, "text-anchor": "end" }, figure),
];

/** @param {Day} day @param {number} x @param {string} anchor */
const date = (day, x, anchor) => svg("text", { x, y: HEIGHT + LABELS, "text-anchor": anchor }, longDate(day.date));

/** @param {Day[]} days newest first */
function table(days) {
  const head = ["Day (UTC)", "Tasks", "Cost", "Wasted"].map((word) => el("th", { scope: "col" }, word));
  const body = days.map((day) =>
    el("tr", {}, el("th", { scope: "row" }, longDate(day.date)), el("td", {}, String(day.tasks)), el("td", {}, dollars(day.cost_usd)), el("td", {}, dollars(day.wasted_usd))),
  );
  return el("table", { class: "spending-table" }, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body));
}

/** @param {string} tag @param {Record<string, string|number>} attributes @param {(Node|string)[]} children */
function svg(tag, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}
