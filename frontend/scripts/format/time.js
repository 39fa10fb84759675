/** Formats times and days; durations are measured by the server's clock. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Of dates and numbers: that of the page's sentences. British for "23 November" and a clock of 24 hours. */
export const LANGUAGE = "en-GB";

/** "14:05". @param {number} then */
const clock = (then) => new Date(then).toLocaleTimeString(LANGUAGE, { hour: "2-digit", minute: "2-digit" });

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

/** "9 s", "22 min". @param {number} seconds */
export const roundDuration = (seconds) => duration(seconds < 60 ? Math.ceil(seconds) * SECOND : Math.round(seconds / 60) * MINUTE).replace(" 00 s", "");

/** Duration of a task until now or its end. @param {import("../types.js").TaskSummary} task @param {number} now */
export function elapsed(task, now) {
  return duration((task.completed_at ? Date.parse(task.completed_at) : now) - Date.parse(task.created_at));
}

/** "Checked at 14:05 · 5 checks so far": no second clock beside the time that runs. @param {import("../types.js").TaskSummary} task @param {number} now */
export function checks({ last_polled_at, next_poll_at, polls }, now) {
  const late = next_poll_at !== null && Date.parse(next_poll_at) <= now ? "the next check is due" : null;
  const last = last_polled_at ? `Checked at ${clock(Date.parse(last_polled_at))}` : next_poll_at && "Not checked yet";
  return [last, polls > 0 && `${polls} ${polls === 1 ? "check" : "checks"} so far`, late].filter(Boolean).join(" · ");
}

/** "14:05" today, "21 Nov" this year, else with the year, in the user's time zone. @param {string} time @param {number} now */
export function stamp(time, now) {
  const then = new Date(time);
  const today = new Date(now);
  if (then.toDateString() === today.toDateString()) return clock(then.getTime());
  const sameYear = then.getFullYear() === today.getFullYear();
  return then.toLocaleDateString(LANGUAGE, { day: "numeric", month: "short", ...(sameYear ? {} : { year: "numeric" }) });
}

/** "Today, 14:05", "21 Nov, 14:05". @param {string} time @param {number} now */
export function dayAndTime(time, now) {
  const at = clock(Date.parse(time));
  const day = stamp(time, now);
  return `${day === at ? "Today" : day}, ${at}`;
}

/** "just now", "5 min ago", "3 h ago", then the day. @param {number} then @param {number} now both in milliseconds */
export function ago(then, now) {
  const span = now - then;
  if (span < MINUTE) return "just now";
  if (span < HOUR) return `${Math.floor(span / MINUTE)} min ago`;
  if (span < DAY) return `${Math.floor(span / HOUR)} h ago`;
  return stamp(new Date(then).toISOString(), now);
}

/** "now", "5 min", "3 h" today, the time of yesterday, then the day. @param {string} time @param {number} now */
export function age(time, now) {
  const then = Date.parse(time);
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  if (then < midnight - DAY) return stamp(time, now);
  if (then < midnight) return clock(then);
  return now - then < MINUTE ? "now" : now - then < HOUR ? `${Math.floor((now - then) / MINUTE)} min` : `${Math.floor((now - then) / HOUR)} h`;
}

/** Date and time with the time zone, to compare with the provider's logs. @param {string} time */
export const fullTime = (time) => new Date(time).toLocaleString(LANGUAGE, { dateStyle: "medium", timeStyle: "long" });

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

/** "23 November 2026". @param {string} day */
export const longDate = (day) => start(day).toLocaleDateString(LANGUAGE, { dateStyle: "long" });
