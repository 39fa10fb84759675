/** Does what single keys ask for, wherever the page stands. */

import { listAddress, newAddress, systemAddress, taskAddress } from "./router.js";
import { neighbour, shortcutOf } from "./shortcuts.js";

/**
 * @param {object} parts
 * @param {import("./store.js").Store} parts.store
 * @param {{find: () => void, move: (step: number) => void}} parts.page
 * @param {{open: () => void}} parts.sheet
 * @param {() => boolean} parts.isWanted
 */
export function listenToKeys({ store, page, sheet, isWanted }) {
  /** @type {Record<import("./shortcuts.js").Shortcut, () => void>} */
  const doings = {
    new: () => (location.hash = newAddress),
    find,
    tasks: () => (location.hash = listAddress()),
    system: () => (location.hash = systemAddress),
    next: () => move(1),
    previous: () => move(-1),
    help: sheet.open,
  };

  function find() {
    if (store.state.route.view === "list") return page.find();
    addEventListener("hashchange", page.find, { once: true });
    location.hash = listAddress();
  }

  /** @param {number} step */
  function move(step) {
    const { route, tasks } = store.state;
    if (route.view === "list") return page.move(step);
    const id = neighbour(tasks ?? [], route.view === "task" ? route.id : null, step);
    if (id) location.hash = taskAddress(id);
  }

  addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]") !== null;
    const dialog = document.querySelector("dialog[open]") !== null;
    const asked = shortcutOf(event, { typing, dialog, wanted: isWanted() });
    if (asked === null) return;
    event.preventDefault(); // "/" would go into the box that it leads to
    doings[asked]();
  });
}
