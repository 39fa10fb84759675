/** Shows what concerns the whole system above every view: `notices().update(state)`. */

import { el } from "../../scripts/dom.js";
import { pauseReason } from "../../scripts/format/status-text.js";

/** @typedef {{kind: "simulator"|"error"|"warning", lead: string, text: string}} Notice */

/** @param {Pick<import("../../scripts/state/store.js").State, "readiness"|"syncError"> & {locked?: import("../../scripts/state/store.js").State["locked"]}} state @returns {Notice[]} */
export function noticesOf({ readiness, syncError, locked }) {
  if (locked) return simulated(readiness); // nothing more before sign-in
  return [...simulated(readiness), ...(syncError ? [unreachable(syncError)] : problems(readiness))];
}

/** @param {import("../../scripts/types.js").Readiness|null} readiness @returns {Notice[]} */
function simulated(readiness) {
  if (readiness?.provider !== "simulator") return [];
  const text = "Every answer is made up and nothing is paid. For real answers, set OPENAI_API_KEY and restart Backburner.";
  return [{ kind: "simulator", lead: "Simulator.", text }];
}

/** @param {{message: string}} syncError @returns {Notice} */
function unreachable({ message }) {
  const lead = message ? `Backburner reports an error: ${message}` : "Backburner cannot be reached.";
  return { kind: "error", lead, text: "Reconnecting. What you see may be out of date; your drafts are kept." };
}

/** @param {import("../../scripts/types.js").Readiness|null} readiness @returns {Notice[]} */
function problems(readiness) {
  if (!readiness) return [];
  /** @type {Notice[]} */
  const found = [];
  if (readiness.paused)
    found.push({ kind: "warning", lead: "Sending is paused:", text: whyPaused(readiness.paused) });
  const ending = readiness.issues?.find(({ kind }) => kind === "model_shutdown"); // told to admins only
  if (ending) found.push({ kind: "warning", lead: "The model ends:", text: `${ending.message.split(". ")[0]}. The system view says what to do.` });
  if (readiness.pollers === 0)
    found.push({ kind: "warning", lead: "No poller is running:", text: "tasks are stored and wait until one is started." });
  if (readiness.status !== "ready" && found.length === 0)
    found.push({ kind: "error", lead: "Backburner is not ready:", text: readiness.detail });
  return found;
}

/** The server's text, which quotes the provider. @param {{reason: string, message: string}} paused */
const whyPaused = ({ reason, message }) => message || pauseReason(reason, "Queued tasks are sent");

export function notices() {
  const element = el("div", { class: "notices", role: "status" });
  let shown = "";
  return {
    element,
    /** @param {import("../../scripts/state/store.js").State} state */
    update(state) {
      const list = noticesOf(state);
      if (shown === (shown = JSON.stringify(list))) return;
      element.replaceChildren(
        ...list.map(({ kind, lead, text }) =>
          el("p", { class: `notice notice-${kind}` }, el("strong", {}, lead), " ", text),
        ),
      );
    },
  };
}
