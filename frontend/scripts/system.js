/** How the whole system is, in facts that are each one line. */

/** @typedef {import("./types.js").Readiness} Readiness */
/** @typedef {{name: string, value: string, well: boolean, to?: import("./types.js").Status}} Fact */

/** The sentence above all, and whether all is well. @param {Readiness} readiness */
export function verdict({ status, troubles, detail }) {
  const well = status === "ready" && troubles.length === 0;
  return { well, word: well ? "All is well" : status === "ready" ? "Something is wrong" : "Not ready", text: detail };
}

/**
 * @param {Readiness} readiness
 * @param {Record<string, {tasks: number, more: boolean}>} counts by status, as far as they were counted
 * @returns {Fact[]}
 */
export function facts({ pollers, paused, troubles }, counts) {
  const late = troubles.find(({ kind }) => kind === "overdue");
  return [
    { name: "Pollers alive", value: pollers === null ? "not told" : String(pollers), well: pollers !== 0 },
    { name: "Polls and submissions", value: late ? late.message : pollers === null ? "not told" : "on time", well: !late },
    { name: "Sending", value: paused ? paused.message : "not paused", well: !paused },
    counted("Waiting to be sent", "queued", counts),
    counted("In progress", "in_progress", counts),
    { ...counted("Unconfirmed", "unconfirmed", counts), well: (counts.unconfirmed?.tasks ?? 0) === 0 },
  ];
}

/** @param {string} name @param {import("./types.js").Status} to @param {Record<string, {tasks: number, more: boolean}>} counts @returns {Fact} */
function counted(name, to, counts) {
  const count = counts[to];
  return { name, to, well: true, value: count ? `${count.tasks}${count.more ? " or more" : ""}` : "…" };
}
