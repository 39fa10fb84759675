/** Decides which sentences about the system stand above the page. */

import { knowsPause, pauseReason } from "./states.js";

/** @typedef {{kind: "simulator"|"trouble"|"warning", lead: string, text: string}} Notice */

/** @param {Pick<import("./store.js").State, "readiness"|"trouble"> & {locked?: import("./store.js").State["locked"]}} state @returns {Notice[]} */
export function noticesOf({ readiness, trouble, locked }) {
  if (locked) return simulated(readiness); // more is not told to a stranger
  return [...simulated(readiness), ...(trouble ? [unreached(trouble)] : unwell(readiness))];
}

/** @param {import("./types.js").Readiness|null} readiness @returns {Notice[]} */
function simulated(readiness) {
  if (readiness?.provider !== "simulator") return [];
  const text = "Every answer is made up and nothing is paid. For real answers, set OPENAI_API_KEY and restart Backburner.";
  return [{ kind: "simulator", lead: "Simulator.", text }];
}

/** @param {{message: string}} trouble @returns {Notice} */
function unreached({ message }) {
  const lead = message ? `Backburner has trouble: ${message}` : "Backburner cannot be reached.";
  return { kind: "trouble", lead, text: "Reconnecting. What you see may be out of date; your drafts are kept." };
}

/** @param {import("./types.js").Readiness|null} readiness @returns {Notice[]} */
function unwell(readiness) {
  if (!readiness) return [];
  /** @type {Notice[]} */
  const found = [];
  if (readiness.paused)
    found.push({ kind: "warning", lead: "Sending is paused:", text: whyPaused(readiness.paused) });
  if (readiness.pollers === 0)
    found.push({ kind: "warning", lead: "No poller is running:", text: "tasks are kept and wait until one is started." });
  if (readiness.status !== "ready" && found.length === 0)
    found.push({ kind: "trouble", lead: "Backburner is not ready:", text: readiness.detail });
  return found;
}

/** In the server’s words where this page has none. @param {{reason: string, message: string}} paused */
const whyPaused = ({ reason, message }) =>
  knowsPause(reason) || !message ? pauseReason(reason, "What is queued is kept and goes on") : message;
