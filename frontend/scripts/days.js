/** Days of the reader's own calendar, and the moments at which they begin. */

/** Local midnight, which on some days and in some places is 01:00. @param {string} day @param {number} later days */
function start(day, later = 0) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date + later);
}

/** A day that there is, from the year 1000 on, as YYYY-MM-DD; else null. @param {string|null} text */
export function dayOf(text) {
  if (!text || !/^[1-9]\d{3}-\d\d-\d\d$/.test(text)) return null;
  const [, month, date] = text.split("-").map(Number);
  const day = start(text);
  return day.getMonth() === month - 1 && day.getDate() === date ? text : null;
}

/** The moments, RFC 3339 in UTC, between which the days lie; the second is outside. @param {{from: string|null, to: string|null}} days */
export const momentsOf = ({ from, to }) => ({
  created_after: from && start(from).toISOString(),
  created_before: to && start(to, 1).toISOString(),
});

/** "23 November 2026", in the reader's language. @param {string} day */
export const dayInWords = (day) => start(day).toLocaleDateString([], { dateStyle: "long" });
