/** Formats times and days; durations are measured by the server's clock. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "12 s", "3 min 05 s", "1 h 04 min", "2 d 3 h". @param {number} ms */
export function duration(ms) {
  const span = Math.max(0, ms);
  const whole = (/** @type {number} */ unit) => Math.floor(span / unit);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  if (span < MINUTE) return `${whole(SECOND)} s`;
  if (span < HOUR) return `${whole(MINUTE)} min ${two(whole(SECOND) % 60)} s`;
  if (span < DAY) return `${whole(HOUR)} h ${two(whole(MINUTE) % 60)} min`;
  return `${whole(DAY)} d ${whole(HOUR) % 24} h`;
}

/** Duration of a task until now or its end. @param {import("../types.js").TaskSummary} task @param {number} now */
export function elapsed(task, now) {
  return duration((task.completed_at ? Date.parse(task.completed_at) : now) - Date.parse(task.created_at));
}

/** "checked 12 s ago, next in 49 s · 5 checks". @param {import("../types.js").TaskSummary} task @param {number} now */
export function checks(task, now) {
  const last = task.last_polled_at && `Checked ${duration(now - Date.parse(task.last_polled_at))} ago`;
  const wait = task.next_poll_at === null ? null : Date.parse(task.next_poll_at) - now;
  const next = wait === null ? null : wait > 0 ? `next in ${duration(wait)}` : "next check is due";
  const count = task.polls > 0 && `${task.polls} ${task.polls === 1 ? "check" : "checks"} so far`;
  const when = [last || (next && "Not checked yet"), next].filter(Boolean).join(", ");
  return [when, count].filter(Boolean).join(" · ");
}

/** "14:05" today, "21 Nov" this year, else with the year, in the user's time zone and language. @param {string} time @param {number} now */
export function stamp(time, now) {
  const then = new Date(time);
  const today = new Date(now);
  if (then.toDateString() === today.toDateString())
    return then.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const sameYear = then.getFullYear() === today.getFullYear();
  return then.toLocaleDateString([], { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) });
}

/** "Today, 14:05", "21 Nov, 14:05". @param {string} time @param {number} now */
export function dayAndTime(time, now) {
  const clock = new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const day = stamp(time, now);
  return `${day === clock ? "Today" : day}, ${clock}`;
}

/** "just now", "5 min ago", "3 h ago", then the day. @param {number} then @param {number} now both in milliseconds */
export function ago(then, now) {
  const span = now - then;
  if (span < MINUTE) return "just now";
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min ago`;
  if (span < DAY) return `${Math.floor(span / HOUR)} h ago`;
  return stamp(new Date(then).toISOString(), now);
}

/** Date and time with the time zone, to compare with the provider's logs. @param {string} time */
export const fullTime = (time) => new Date(time).toLocaleString([], { dateStyle: "medium", timeStyle: "long" });

/**
 * The server's clock minus ours. The Date header has whole seconds, so an offset within one
 * second is kept: otherwise times on the page would jitter.
 * @param {number|null} offset @param {string} serverDate @param {number} localNow
 */
export function clockOffset(offset, serverDate, localNow) {
  const measured = Date.parse(serverDate) + SECOND / 2 - localNow;
  if (Number.isNaN(measured)) return offset ?? 0;
  return offset !== null && Math.abs(measured - offset) <= SECOND ? offset : measured;
}

/** A Retry-After header in seconds. @param {string|null} header @returns {number|null} */
export function retrySeconds(header) {
  return header !== null && /^\d+$/.test(header.trim()) ? Number(header) : null;
}

/** Local midnight, which a change to summer time can move to 01:00. @param {string} day @param {number} [addDays] */
function start(day, addDays = 0) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date + addDays);
}

/** A valid day from the year 1000 on, YYYY-MM-DD; else null. @param {string|null} text */
export function dayOf(text) {
  if (!text || !/^[1-9]\d{3}-\d\d-\d\d$/.test(text)) return null;
  const [, month, date] = text.split("-").map(Number);
  const day = start(text);
  return day.getMonth() === month - 1 && day.getDate() === date ? text : null;
}

/** The days as RFC 3339 times in UTC, the second exclusive. @param {{from: string|null, to: string|null}} days */
export const dayRange = ({ from, to }) => ({
  created_after: from && start(from).toISOString(),
  created_before: to && start(to, 1).toISOString(),
});

/** "23 November 2026", in the user's language. @param {string} day */
export const longDate = (day) => start(day).toLocaleDateString([], { dateStyle: "long" });
