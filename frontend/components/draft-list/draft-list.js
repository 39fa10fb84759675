/** The other drafts of this browser: `draftList({drafts, onTake})`; the form shows one of them. */

import { el } from "../../scripts/dom.js";
import { ago } from "../../scripts/format/time.js";
import { newAddress, newFromAddress, taskAddress } from "../../scripts/router.js";

/** @typedef {import("../../scripts/state/drafts.js").DraftEntry} DraftEntry */

/** @param {{drafts: import("../../scripts/state/drafts.js").Drafts, slot: string, onTake: (address: string) => void}} parts `slot` of the form; `onTake` receives the address of the draft that was chosen */
export function draftList({ drafts, slot, onTake }) {
  const list = el("ul", {});
  const element = el("section", { class: "draft-list", "aria-labelledby": "drafts-heading" }, el("h2", { id: "drafts-heading" }, "Drafts"), list);
  draw();

  function draw() {
    const others = drafts.list().filter(({ isHere, slot: other }) => !(isHere && other === slot));
    element.hidden = others.length === 0;
    list.replaceChildren(...others.map(item));
  }

  /** @param {DraftEntry} entry */
  function item(entry) {
    const title = entry.text.trim().split("\n")[0].slice(0, 120);
    const facts = el("small", {}, [kindOf(entry.slot), entry.isElsewhere ? "open in another tab" : ago(entry.at, Date.now())].filter(Boolean).join(" · "));
    const words = el("span", { dir: "auto" }, title);
    if (entry.isElsewhere) return el("li", {}, el("div", { class: "draft" }, words, facts));
    const open = el("button", { type: "button", class: "draft", click: () => take(entry) }, words, facts);
    return el("li", {}, open, el("button", { type: "button", class: "quiet", "aria-label": `Discard the draft “${title}”`, click: () => discard(entry.id) }, "Discard"));
  }

  /** @param {DraftEntry} entry */
  function take({ id, slot: other }) {
    drafts.take(id);
    onTake(addressOf(other));
  }

  /** @param {string} id */
  function discard(id) {
    drafts.discard(id);
    draw();
    /** @type {HTMLElement|null} */ (element.querySelector("button"))?.focus();
  }

  return { element, draw };
}

/** @param {string} slot */
function kindOf(slot) {
  if (slot.startsWith("follow-up.")) return "Follow-up";
  return slot.startsWith("copy.") ? "Branch" : "";
}

/** Of the form that has the slot. @param {string} slot */
function addressOf(slot) {
  const [kind, id] = slot.split(".");
  if (kind === "follow-up") return taskAddress(id);
  return kind === "copy" ? newFromAddress(id) : newAddress;
}
