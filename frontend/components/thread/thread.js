/** The turns of a thread around the task that the page is about, each loaded when the one before it is shown. */

import { el } from "../../scripts/dom.js";
import { ownMessages, threadPath } from "../../scripts/text/thread-path.js";
import { show } from "../task-view/jumps.js";

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

  return {
    above,
    below,
    place,
    headings: () => ({ above: before.flatMap((each) => each.headings()), below: after.flatMap((each) => each.headings()) }),
    /** Reads the thread again; turns that are shown stay. */
    async load() {
      const found = await api.thread(task.id).catch(() => null); // the task is shown without it
      if (!found) return;
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
      const [{ turn }, { branchSwitcher }] = await Promise.all([import("./turn.js"), import("./branch-switcher.js")]);
      const latest = el("button", { type: "button", class: "link", click: () => show(below.lastElementChild?.querySelector("h2") ?? null, "start") }, "Latest turn ↓");
      const switcher = branchSwitcher(path.siblings(own), task.id, name(path.above.length));
      place.replaceChildren(...[total > 1 && el("span", {}, name(path.above.length)), switcher, path.below.length > 0 && latest].filter((part) => part !== null && part !== false));
      await Promise.all([showAbove(), showBelow()]);

      /** Upwards, as long as each turn is what was sent. */
      async function showAbove() {
        let child = task;
        for (let index = path.above.length - 1; index >= 0 && shown === key; index--) {
          const parent = await api.retrieveTask(path.above[index].id).catch(() => null);
          const messages = parent && ownMessages(child, parent);
          if (!parent || !messages || shown !== key) return settle(child, child.input);
          settle(child, messages);
          const made = turn({ task: parent, messages: parent.input, name: name(index), branches: branchSwitcher(path.siblings(path.above[index]), parent.id, name(index)), api, now: now() });
          before.unshift(made);
          keepInPlace(() => above.prepend(made.element));
          await made.whole;
          onChange();
          child = parent;
        }
      }

      async function showBelow() {
        let parent = task;
        for (const [index, { id }] of path.below.entries()) {
          const child = await api.retrieveTask(id).catch(() => null);
          if (!child || shown !== key) return;
          const messages = ownMessages(child, parent) ?? child.input;
          const made = turn({ task: child, messages, name: name(path.above.length + 1 + index), branches: branchSwitcher(path.siblings(path.below[index]), id, name(path.above.length + 1 + index)), api, now: now() });
          after.push(made);
          below.append(made.element);
          await made.whole;
          onChange();
          parent = child;
        }
        if (parent !== task) onLast(parent);
      }
    },
  };

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
