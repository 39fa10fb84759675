/** The turns of a thread around the task that the page is about, the nearest first, a few at a time. */

import { el } from "../../scripts/dom.js";
import { show } from "../task-view/jumps.js";

/** Readings at a time: a browser opens six connections to a host. */
const MAX_READINGS = 4;

/** Stands for a thread of one task, for which nothing more is loaded. */
const ALONE = "alone";

/** @typedef {import("../../scripts/types.js").Task} Task */
/** @typedef {import("../../scripts/types.js").Message} Message */
/** @typedef {ReturnType<typeof import("./turn.js").turn>} Turn */

/**
 * @param {object} parts
 * @param {Task} parts.task
 * @param {import("../../scripts/connection/api.js").Api} parts.api
 * @param {() => number} parts.now
 * @param {Element} parts.current the element of the task's own turn, which must not move on the screen
 * @param {(messages: Message[]) => void} parts.onMessages receives the messages of the task that earlier turns do not show
 * @param {(last: Task) => void} parts.onLast receives the last task of the thread when it is not this one
 * @param {() => void} parts.onChange called when turns were added
 */
export function thread({ task, api, now, current, onMessages, onLast, onChange }) {
  const above = el("div", { class: "turns" });
  const below = el("div", { class: "turns" });
  const place = el("p", { class: "turn-place", hidden: true });
  /** @type {Turn[]} */
  let before = [];
  /** @type {Turn[]} */
  let after = [];
  let shown = "";
  let round = 0;

  return {
    above,
    below,
    place,
    headings: () => ({ above: before.flatMap((each) => each.headings()), below: after.flatMap((each) => each.headings()) }),
    /** Reads the thread again; turns that are shown stay. */
    async load() {
      const mine = ++round;
      const found = await api.thread(task.id).catch(() => null); // the task is shown without it
      if (!found || mine !== round) return;
      if (found.data.length === 1 && shown === ALONE) return;
      if (found.data.length === 1 && shown === "") return settleAlone();
      const parts = await Promise.all([import("./turn.js"), import("../../scripts/text/thread-path.js"), import("../../scripts/connection/in-turn.js")]).catch(() => null);
      if (!parts || mine !== round) return;
      const [{ turn, branchSwitcher }, { ownMessages, threadPath }, { inTurn }] = parts;
      const path = threadPath(found.data, task.id);
      const own = found.data.find(({ id }) => id === task.id);
      const key = JSON.stringify([path.above, path.below, own && path.siblings(own)].map((part) => part?.map(({ id, status }) => [id, status])));
      if (!own || shown === (shown = key)) return;
      before = [];
      after = [];
      above.replaceChildren();
      below.replaceChildren();
      const total = path.above.length + 1 + path.below.length;
      const name = (/** @type {number} */ index) => `Turn ${index + 1} of ${total}`;
      place.hidden = total === 1 && path.siblings(own).length < 2;
      if (path.above.length === 0) onMessages(task.input);
      if (place.hidden) return;
      const latest = el("button", { type: "button", class: "link", click: () => show(below.lastElementChild?.querySelector("h2") ?? null, "start") }, "Latest turn ↓");
      const switcher = branchSwitcher(path.siblings(own), task.id, name(path.above.length));
      place.replaceChildren(...[total > 1 && el("span", {}, name(path.above.length)), switcher, path.below.length > 0 && latest].filter((part) => part !== null && part !== false));
      const nearest = byTurns(path.above.toReversed(), path.below);
      const readings = inTurn(nearest.map(({ id }) => async () => (shown === key ? api.retrieveTask(id).catch(() => null) : null)), MAX_READINGS);
      const tasks = new Map(nearest.map(({ id }, index) => [id, readings[index]]));
      await Promise.all([showAbove(), showBelow()]);

      /** Upwards, as long as each turn is what was sent. */
      async function showAbove() {
        let child = task;
        for (let index = path.above.length - 1; index >= 0 && shown === key; index--) {
          const parent = await tasks.get(path.above[index].id);
          const messages = parent && ownMessages(child, parent);
          if (!parent || !messages || shown !== key) return settle(child, child.input);
          settle(child, messages);
          const made = turn({ task: parent, messages: parent.input, name: name(index), branches: branchSwitcher(path.siblings(path.above[index]), parent.id, name(index)), api, now: now() });
          before.unshift(made);
          made.element.hidden = true; // until it is whole: what grows above moves what is read
          above.prepend(made.element);
          made.whole.then(() => {
            keepInPlace(() => (made.element.hidden = false));
            onChange();
          });
          child = parent;
        }
      }

      async function showBelow() {
        let parent = task;
        for (const [index, { id }] of path.below.entries()) {
          const child = await tasks.get(id);
          if (!child || shown !== key) return;
          const messages = ownMessages(child, parent) ?? child.input;
          const made = turn({ task: child, messages, name: name(path.above.length + 1 + index), branches: branchSwitcher(path.siblings(path.below[index]), id, name(path.above.length + 1 + index)), api, now: now() });
          after.push(made);
          below.append(made.element);
          made.whole.then(onChange);
          parent = child;
        }
        if (parent !== task) onLast(parent);
      }
    },
  };

  function settleAlone() {
    shown = ALONE;
    onMessages(task.input);
  }

  /** @param {Task} child @param {Message[]} messages */
  function settle(child, messages) {
    if (child === task) onMessages(messages);
    else before[0]?.setMessages(messages);
  }

  /** What is added above does not move what is read. @param {() => void} change */
  function keepInPlace(change) {
    const top = current.getBoundingClientRect().top;
    change();
    const moved = current.getBoundingClientRect().top - top;
    if (Math.abs(moved) > 1) scrollBy({ top: moved, behavior: "instant" });
  }
}

/** One of each list after the other. @template Item @param {Item[]} one @param {Item[]} other */
function byTurns(one, other) {
  const length = Math.max(one.length, other.length);
  return Array.from({ length }, (_, index) => [one[index], other[index]]).flat().filter((item) => item !== undefined);
}
