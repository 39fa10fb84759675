/** The view that starts a task: from an empty form, or as a branch from a copy of another conversation. */

import { composer } from "../components/composer/composer.js";
import { Refused } from "../scripts/connection/api.js";
import { el, setText } from "../scripts/dom.js";
import { routeOf, taskAddress } from "../scripts/router.js";
import { createSubmission } from "../scripts/state/submission.js";
import { compositionOf, emptyComposition } from "../scripts/text/conversation.js";
import { lazy } from "../scripts/view-host.js";

/** Between two attempts to load the conversation of a branch. */
const RETRY_DELAY_MS = 3_000;

/** @typedef {import("../scripts/view-host.js").View} View */
/** @typedef {import("../scripts/view-host.js").Parts} Parts */

/** @param {Parts} parts @param {import("../scripts/state/store.js").State} state @returns {View} */
export function view(parts, state) {
  const from = state.route.view === "new" ? state.route.from : null;
  return from === null ? form(parts, emptyComposition(), "new") : branch(parts, state, from);
}

/** @param {Parts} parts @param {import("../scripts/text/conversation.js").Composition} initial @param {string} slot @param {string} [parent] @returns {View} */
function form({ api, submissionDeps }, initial, slot, parent) {
  const lead = el("p", { class: "lead" });
  const element = el("section", { class: "new-task" }, el("h1", {}, "New task"), lead, parent ? note(parent) : null);
  let writing = compose();
  const drafts = otherDrafts(submissionDeps.drafts, slot, take);
  const hints = el("div", {});
  element.append(writing.element, hints, drafts);
  let isFirst = false;

  /** Only for a person without tasks. @param {import("../scripts/types.js").TaskSummary[]|null} tasks */
  async function offerHints(tasks) {
    if (isFirst || tasks === null || tasks.length > 0 || parent) return;
    isFirst = true;
    const part = await firstVisitPart.load().catch(() => null);
    if (part) hints.append(part.firstVisit({ write: (text) => writing.write(text), bring: (json) => writing.bring(json, "example.json") }));
  }

  function compose() {
    return composer({ start: (more) => createSubmission({ ...submissionDeps, ...more, parent }), api, newKey: submissionDeps.newKey, initial, slot });
  }

  /** Show another draft, here or where it belongs. @param {string} address */
  function take(address) {
    if (!isHere(address)) return void (location.hash = address);
    const next = compose();
    writing.element.replaceWith(next.element);
    writing = next;
    writing.focus();
  }

  return {
    element,
    focus: () => writing.focus(),
    title: () => "New task",
    update({ readiness, tasks }) {
      offerHints(tasks);
      setText(lead, `${readiness ? `Answered by ${readiness.model} with web search` : "Answered with web search"}, often after many minutes. Start the task, close the page, come back later.`);
    },
  };
}

/** @param {string} address */
const isHere = (address) => JSON.stringify(routeOf(address)) === JSON.stringify(routeOf(location.hash));

const firstVisitPart = lazy(() => import("../components/first-visit/first-visit.js"), "components/first-visit/first-visit.css");
const draftListPart = lazy(() => import("../components/draft-list/draft-list.js"), "components/draft-list/draft-list.css");

/** Loaded when there are any; follows what other tabs do. @param {import("../scripts/state/drafts.js").Drafts} drafts @param {string} slot @param {(address: string) => void} onTake */
function otherDrafts(drafts, slot, onTake) {
  const holder = el("div", {});
  const left = new AbortController();
  /** @type {{draw: () => void}|null} */
  let list = null;
  const draw = () => list?.draw();

  async function load() {
    if (list || !drafts.list().some(({ isHere, slot: other }) => !(isHere && other === slot))) return draw();
    const part = await draftListPart.load().catch(() => null);
    if (!part || list) return draw();
    const made = part.draftList({ drafts, slot, onTake: (address) => (onTake(address), draw()) });
    list = made;
    holder.append(made.element);
  }

  const follow = () => (holder.isConnected ? load() : left.abort());
  for (const change of ["storage", "focus"]) addEventListener(change, follow, { signal: left.signal });
  load();
  return holder;
}

/** @param {Parts} parts @param {import("../scripts/state/store.js").State} state @param {string} id @returns {View} */
function branch(parts, state, id) {
  let latest = state;
  const holder = el("div", {}, el("p", {}, "Loading the conversation…"));
  /** @type {View|null} */
  let inner = null;
  const words = holder.children[0];
  const load = async () => {
    const { input } = await parts.api.retrieveTask(id);
    if (!holder.isConnected) return; // the person has left
    inner = form(parts, compositionOf(input), `copy.${id}`, id);
    inner.update?.(latest); // before it is seen: a text that comes later would move the form
    holder.replaceChildren(inner.element);
    inner.focus();
  };
  const attempt = () =>
    load().catch((error) => {
      if (error instanceof Refused && error.status < 500) return setText(words, error.message);
      setText(words, "The conversation could not be loaded. Trying again.");
      parts.schedule(() => holder.isConnected && attempt(), RETRY_DELAY_MS);
    });
  attempt();
  return { element: holder, focus: () => inner?.focus(), title: () => "New task", update: (state) => inner?.update?.((latest = state)) };
}

/** @param {string} id */
const note = (id) => el("p", { class: "lineage" }, "A branch of ", el("a", { href: taskAddress(id) }, "an earlier task"), ", which stays unchanged.");
