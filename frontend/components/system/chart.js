/** Layout of the spending chart: one bar a day, also for days without spending. */

/** @typedef {{date: string, cost_usd: number, wasted_usd: number, tasks: number, unpriced: number}} Day */

const DAY = 86_400_000;

/** Every day from the first to the last, oldest first. @param {{since: string, until: string, days: Day[]}} spending @returns {Day[]} */
export function everyDay({ since, until, days }) {
  const known = new Map(days.map((day) => [day.date, day]));
  const all = [];
  for (let at = Date.parse(since); at <= Date.parse(until); at += DAY) {
    const date = new Date(at).toISOString().slice(0, 10);
    all.push(known.get(date) ?? { date, cost_usd: 0, wasted_usd: 0, tasks: 0, unpriced: 0 });
  }
  return all;
}

/** The upper end of the scale: 1, 2 or 5 times a power of ten. @param {number} highest dollars */
export function ceiling(highest) {
  if (highest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  return /** @type {number} */ ([1, 2, 5, 10].map((times) => times * power).find((round) => round >= highest - power * 1e-9));
}

/**
 * Two stacked pieces a day: the cost of complete answers, and above it the wasted cost.
 * @param {Day[]} days @param {{width: number, height: number, top: number}} size `top` is the figure at the upper edge
 */
export function bars(days, { width, height, top }) {
  const step = width / days.length;
  const tall = (/** @type {number} */ dollars) => (dollars / top) * height;
  return days.map((day, index) => {
    const useful = tall(day.cost_usd - day.wasted_usd);
    const wasted = tall(day.wasted_usd);
    return { day, x: index * step + step * 0.15, width: step * 0.7, useful: { y: height - useful, height: useful }, wasted: { y: height - useful - wasted, height: wasted } };
  });
}
