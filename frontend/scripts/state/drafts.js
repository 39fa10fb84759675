/**
 * Drafts and their idempotency keys, kept in the browser over a reload.
 *
 * A key stands for one task. A draft keeps its key while a task may exist under it: the same
 * text then yields that task, and another text is refused as a conflict, so that nothing starts
 * twice. The key changes when the text changes after a definite refusal, and when a person
 * decides to send a conflicting text as a task of its own.
 */

import { TAB_STATE } from "./browser-storage.js";

/** @typedef {null|"refused"|"uncertain"|"conflict"} Attempt result of the last submission */
/**
 * @template Content
 * @typedef {{key: string, content: Content, attempt: Attempt}} Draft
 */

/** @template C @param {string} key @param {C} content @returns {Draft<C>} */
export const freshDraft = (key, content) => ({ key, content, attempt: null });

/** @template C @param {Draft<C>} draft @param {C} content @param {() => string} newKey @returns {Draft<C>} */
export function edited(draft, content, newKey) {
  if (draft.attempt === "refused") return freshDraft(newKey(), content);
  return { ...draft, content };
}

/** Stored before the request: a page that closes meanwhile must keep the key. @template C @param {Draft<C>} draft @returns {Draft<C>} */
export const sending = (draft) => ({ ...draft, attempt: "uncertain" });

/**
 * The draft after a submission that was not accepted. A refusal does not settle an earlier
 * submission without a response.
 * @template C @param {Draft<C>} before the draft before this submission
 * @param {"refused"|"uncertain"|"conflict"} outcome @returns {Draft<C>}
 */
export function settled(before, outcome) {
  const unresolved = before.attempt === "uncertain" && outcome === "refused";
  return { ...before, attempt: unresolved ? "uncertain" : outcome };
}

/** Submit the text as a task of its own, although another may exist. @template C @param {Draft<C>} draft @param {() => string} newKey @returns {Draft<C>} */
export const withNewKey = (draft, newKey) => freshDraft(newKey(), draft.content);

const PREFIX = "backburner.draft.";
const SLOTS = TAB_STATE + "slots.";

/** Of more, the one unused longest is dropped, unless a task may exist under its key. */
const MAX_DRAFTS = 50;

/** @typedef {{id: string, slot: string, tab: string, at: number, draft: Draft<any>}} Kept a draft as it is stored */
/** @typedef {{id: string, slot: string, at: number, text: string, isHere: boolean, isElsewhere: boolean}} DraftEntry `isElsewhere`: open in another tab */

/**
 * Each tab has a draft of its own in each slot: "new", "copy.ID" (a branch of a task) or "follow-up.ID".
 * @param {object} parts
 * @param {Storage} parts.storage
 * @param {import("./browser-storage.js").Tab} parts.tab
 * @param {string} parts.owner id of the owner who is signed in; "" without tokens
 * @param {() => string} parts.newId
 * @param {() => number} [parts.now]
 */
export function createDrafts({ storage, tab, owner, newId, now = Date.now }) {
  /** What the storage refused: full or disabled. @type {Map<string, Kept>} */
  const memory = new Map();
  const prefix = `${PREFIX}${owner || "open"}.`;
  let isRemoved = false;

  /** What the tab's storage refused. @type {Record<string, string|null>|null} */
  let unsaved = null;

  /** The drafts of this tab by slot; null: sent or discarded here. @returns {Record<string, string|null>} */
  const slots = () => unsaved ?? attempt(() => JSON.parse(tab.storage.getItem(SLOTS + owner) ?? "{}")) ?? {};

  /** @param {string} slot @param {string|null} id */
  function setSlot(slot, id) {
    const all = { ...slots(), [slot]: id };
    if (!attempt(() => (tab.storage.setItem(SLOTS + owner, JSON.stringify(all)), true))) unsaved = all;
  }

  /** @param {string|null|undefined} id @returns {Kept|null} */
  const read = (id) => (id ? (memory.get(prefix + id) ?? attempt(() => JSON.parse(storage.getItem(prefix + id) ?? "null"))) : null);

  /** @param {Kept} kept */
  function write(kept) {
    const name = prefix + kept.id;
    memory.delete(name);
    if (attempt(() => (storage.setItem(name, JSON.stringify(kept)), true))) return true;
    memory.set(name, kept);
    return false;
  }

  /** @param {string} id */
  function erase(id) {
    memory.delete(prefix + id);
    attempt(() => storage.removeItem(prefix + id));
  }

  function makeRoom() {
    const dropped = all().filter(({ draft }) => draft.attempt !== "uncertain")[MAX_DRAFTS - 1];
    if (dropped) erase(dropped.id);
  }

  /** Newest first. @returns {Kept[]} */
  function all() {
    const names = attempt(() => Array.from({ length: storage.length }, (_, index) => storage.key(index))) ?? [];
    const ids = new Set([...names, ...memory.keys()].flatMap((name) => (name?.startsWith(prefix) ? [name.slice(prefix.length)] : [])));
    return [...ids].flatMap((id) => read(id) ?? []).toSorted((one, other) => other.at - one.at);
  }

  /** The draft of this tab in a slot. @param {string} slot @returns {Kept|null} */
  function find(slot) {
    const kept = read(slots()[slot]);
    return kept?.tab === tab.id ? kept : null;
  }

  /** On the first visit of a slot: the last draft that no open tab has. @param {string} slot @returns {Kept|null} */
  function findLeft(slot) {
    if (slot in slots()) return null;
    const left = all().find((each) => each.slot === slot && tab.isOpen(each.tab) === false);
    setSlot(slot, null);
    return left ? adopt(left) : null;
  }

  /** With a key of its own, in case the other tab still has the text. @param {Kept} kept */
  function adopt(kept) {
    setSlot(kept.slot, kept.id);
    const draft = kept.draft.attempt === null ? freshDraft(newId(), kept.draft.content) : kept.draft;
    const mine = { ...kept, tab: tab.id, draft };
    write(mine);
    return mine;
  }

  return {
    /** @param {string} slot @returns {Draft<any>|null} */
    load: (slot) => (find(slot) ?? findLeft(slot))?.draft ?? null,

    /** Whether the draft survives a reload. A blank one is not kept. @param {string} slot @param {Draft<any>} draft @returns {boolean} */
    save(slot, draft) {
      if (isRemoved) return true;
      const id = find(slot)?.id ?? newId();
      if (draft.attempt !== "uncertain" && textOf(draft.content).trim() === "") return this.remove(slot), true;
      setSlot(slot, id);
      if (!read(id)) makeRoom();
      return write({ id, slot, tab: tab.id, at: now(), draft });
    },

    /** Remove the draft of this tab. @param {string} slot */
    remove(slot) {
      const kept = find(slot);
      if (kept) erase(kept.id);
      setSlot(slot, null);
    },

    /** All drafts of the owner, newest first. @returns {DraftEntry[]} */
    list() {
      const here = new Set(Object.values(slots()));
      return all().map(({ id, slot, at, tab: other, draft }) => {
        const isHere = other === tab.id && here.has(id);
        return { id, slot, at, text: textOf(draft.content), isHere, isElsewhere: other !== tab.id && tab.isOpen(other) === true };
      });
    },

    /** Make a draft this tab's. @param {string} id */
    take(id) {
      const kept = read(id);
      if (kept) adopt(kept);
    },

    /** @param {string} id */
    discard: erase,

    get count() {
      return all().length;
    },

    /** Remove the drafts of the owner, and those of earlier versions, which name none. */
    removeAll() {
      all().forEach(({ id }) => erase(id));
      isRemoved = true; // a form that is being left must not save again
      attempt(() => tab.storage.removeItem(SLOTS + owner));
      for (const name of attempt(() => Object.keys(storage)) ?? []) if (/^backburner\.drafts$|^backburner\.draft\.(new|copy|follow-up)\b/.test(name)) attempt(() => storage.removeItem(name));
    },
  };
}

/** @typedef {ReturnType<typeof createDrafts>} Drafts */

/** What a person wrote last, whatever the form. @param {any} content text, or a composition @returns {string} */
function textOf(content) {
  if (typeof content === "string") return content;
  const blocks = /** @type {{role: string, text: string}[]} */ (content?.blocks ?? []);
  return blocks.findLast(({ text, role }) => role === "user" && text.trim())?.text ?? blocks.map(({ text }) => text).join("\n");
}

/** @template Result @param {() => Result} doing @returns {Result|null} null when storage is full or disabled */
function attempt(doing) {
  try {
    return doing();
  } catch {
    return null;
  }
}
