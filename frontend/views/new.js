/** The view that starts a task: from an empty form, or as a branch from a copy of another conversation. */

import { composer } from "../components/composer/composer.js";
import { el, setText } from "../scripts/dom.js";
import { taskAddress } from "../scripts/router.js";
import { createSubmission } from "../scripts/state/submission.js";
import { compositionOf, emptyComposition } from "../scripts/text/conversation.js";

/** @typedef {import("../scripts/view-host.js").View} View */
/** @typedef {import("../scripts/view-host.js").Parts} Parts */

/** @param {Parts} parts @param {import("../scripts/state/store.js").State} state @returns {View} */
export function view(parts, { route }) {
  const from = route.view === "new" ? route.from : null;
  return from === null ? form(parts, emptyComposition(), "new") : branch(parts, from);
}

/** @param {Parts} parts @param {import("../scripts/text/conversation.js").Composition} initial @param {string} slot @param {string} [parent] @returns {View} */
function form({ api, submissionDeps }, initial, slot, parent) {
  const { element: writing, focus } = composer({ start: (more) => createSubmission({ ...submissionDeps, ...more, parent }), estimate: api.estimate, initial, slot });
  const lead = el("p", { class: "lead" });
  return {
    element: el("section", { class: "new-task" }, el("h1", {}, "New task"), lead, parent ? note(parent) : null, writing),
    focus,
    title: () => "New task",
    update: ({ readiness }) =>
      setText(lead, `${readiness ? `Answered by ${readiness.model} with web search` : "Answered with web search"}, often after many minutes. Start the task, close the page, come back later.`),
  };
}

/** @param {Parts} parts @param {string} id @returns {View} */
function branch(parts, id) {
  const holder = el("div", {}, el("p", {}, "Loading the conversation…"));
  /** @type {View|null} */
  let inner = null;
  const load = async () => {
    const { input } = await parts.api.retrieveTask(id);
    inner = form(parts, compositionOf(input), `copy.${id}`, id);
    holder.replaceChildren(inner.element);
    inner.focus();
  };
  load().catch(() => holder.replaceChildren(el("p", {}, "The conversation could not be loaded. Reload the page to try again.")));
  return { element: holder, focus: () => inner?.focus(), title: () => "New task", update: (state) => inner?.update?.(state) };
}

/** @param {string} id */
const note = (id) => el("p", { class: "lineage" }, "A branch of ", el("a", { href: taskAddress(id) }, "an earlier task"), ", which stays unchanged.");
