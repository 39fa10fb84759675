/** Texts of the system view: one sentence in all, and one line for each fact. */

/** @typedef {import("../types.js").Readiness} Readiness */
/** @typedef {{name: string, value: string, well: boolean, asks?: boolean, to?: import("../types.js").Status}} Fact */

/**
 * Whether all is well, and whether a person must decide something.
 * @param {Readiness} readiness
 * @param {Record<string, {tasks: number, more: boolean}>} counts
 */
export function summary({ status, issues, detail }, counts) {
  const well = status === "ready" && issues.every(({ kind }) => kind === "model_shutdown");
  if (!well) return { well, asks: false, word: status === "ready" ? "Something is wrong" : "Not ready", text: detail };
  const { tasks = 0, more = false } = counts.unconfirmed ?? {};
  if (issues.length > 0 && tasks === 0) return { well, asks: true, word: "The model ends soon", text: detail };
  if (tasks === 0) return { well, asks: false, word: "All is well", text: detail };
  const waiting = tasks === 1 ? "1 unconfirmed task needs" : `${tasks}${more ? " or more" : ""} unconfirmed tasks need`;
  return { well, asks: true, word: "A decision is needed", text: `${waiting} a decision. ${detail}` };
}

/**
 * @param {Readiness} readiness
 * @param {Record<string, {tasks: number, more: boolean}>} counts by status, those loaded so far
 * @returns {Fact[]}
 */
export function facts({ model, pollers, paused, issues, durability }, counts) {
  const late = issues.find(({ kind }) => kind === "overdue");
  const ending = issues.find(({ kind }) => kind === "model_shutdown");
  return [
    { name: "Model", value: ending ? `${model}, which ends soon` : model, well: true, asks: Boolean(ending) },
    { name: "Pollers alive", value: pollers === null ? "unknown" : String(pollers), well: pollers !== 0 },
    { name: "Polls and submissions", value: late ? late.message : pollers === null ? "unknown" : "on time", well: !late },
    { name: "Sending", value: paused ? paused.message : "not paused", well: !paused },
    counted("Waiting to be sent", "queued", counts),
    counted("In progress", "in_progress", counts),
    { ...counted("Unconfirmed", "unconfirmed", counts), asks: (counts.unconfirmed?.tasks ?? 0) > 0 },
    { name: "Durability", value: durability ?? "unknown", well: true },
  ];
}

/** @param {string} name @param {import("../types.js").Status} to @param {Record<string, {tasks: number, more: boolean}>} counts @returns {Fact} */
function counted(name, to, counts) {
  const count = counts[to];
  return { name, to, well: true, value: count ? `${count.tasks}${count.more ? " or more" : ""}` : "…" };
}
