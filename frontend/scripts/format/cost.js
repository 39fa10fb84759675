/** Formats costs and token counts; what is unknown is never a number. */

import { LANGUAGE } from "./time.js";

/** @param {import("../types.js").TaskSummary} task */
export function cost(task) {
  if (task.cost_usd === null) return unknownCost(task);
  const price = dollars(task.cost_usd);
  return task.provider === "simulator" ? `nothing (the real model: about ${price})` : price;
}

/** "$1,234.50"; four digits below a cent. @param {number} amount */
export function dollars(amount) {
  const digits = amount > 0 && amount < 0.01 ? 4 : 2;
  return `$${amount.toLocaleString(LANGUAGE, { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

/** In a line of facts. @param {import("../types.js").TaskSummary} task */
export function shortCost(task) {
  if (task.provider === "simulator" || task.receipt?.sent === "no") return "nothing paid";
  return task.cost_usd === null ? "cost unknown" : dollars(task.cost_usd);
}

/** @param {import("../types.js").TaskSummary} task */
function unknownCost({ provider, receipt, estimated_cost_usd: estimated }) {
  if (receipt?.sent === "no") return "nothing: it was never sent";
  if (provider === "simulator") return "nothing";
  if (receipt && !receipt.settled) return "not known yet";
  return estimated ? `unknown; the budget counts ${dollars(estimated)}` : "unknown";
}

/** @param {any} usage the provider's usage object; any part may be missing @returns {string} */
export function tokens(usage) {
  const count = (/** @type {any} */ n) => (Number.isFinite(n) ? n.toLocaleString(LANGUAGE) : "?");
  if (!usage) return "unknown";
  const reasoning = usage.output_tokens_details?.reasoning_tokens;
  const share = reasoning > 0 ? ` (${count(reasoning)} of them reasoning)` : "";
  return `${count(usage.input_tokens)} in, ${count(usage.output_tokens)} out${share}`;
}
