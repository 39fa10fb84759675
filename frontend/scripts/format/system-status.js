/** How the whole system is, in facts that are each one line. */

/** @typedef {import("../types.js").Readiness} Readiness */
/** @typedef {{name: string, value: string, well: boolean, asks?: boolean, to?: import("../types.js").Status}} Fact */

/**
 * The sentence above all: whether all is well, and whether somebody is asked for.
 * @param {Readiness} readiness
 * @param {Record<string, {tasks: number, more: boolean}>} counts
 */
export function verdict({ status, issues, detail }, counts) {
  const well = status === "ready" && issues.length === 0;
  if (!well) return { well, asks: false, word: status === "ready" ? "Something is wrong" : "Not ready", text: detail };
  const { tasks = 0, more = false } = counts.unconfirmed ?? {};
  if (tasks === 0) return { well, asks: false, word: "All is well", text: detail };
  const waiting = tasks === 1 ? "1 unconfirmed task waits" : `${tasks}${more ? " or more" : ""} unconfirmed tasks wait`;
  return { well, asks: true, word: "Nothing is wrong", text: `${waiting} for somebody to decide. ${detail}` };
}

/**
 * @param {Readiness} readiness
 * @param {Record<string, {tasks: number, more: boolean}>} counts by status, as far as they were counted
 * @returns {Fact[]}
 */
export function facts({ pollers, paused, issues }, counts) {
  const late = issues.find(({ kind }) => kind === "overdue");
  return [
    { name: "Pollers alive", value: pollers === null ? "not told" : String(pollers), well: pollers !== 0 },
    { name: "Polls and submissions", value: late ? late.message : pollers === null ? "not told" : "on time", well: !late },
    { name: "Sending", value: paused ? paused.message : "not paused", well: !paused },
    counted("Waiting to be sent", "queued", counts),
    counted("In progress", "in_progress", counts),
    { ...counted("Unconfirmed", "unconfirmed", counts), asks: (counts.unconfirmed?.tasks ?? 0) > 0 },
  ];
}

/** @param {string} name @param {import("../types.js").Status} to @param {Record<string, {tasks: number, more: boolean}>} counts @returns {Fact} */
function counted(name, to, counts) {
  const count = counts[to];
  return { name, to, well: true, value: count ? `${count.tasks}${count.more ? " or more" : ""}` : "…" };
}
