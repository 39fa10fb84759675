/** Submits one draft as a task: its edits, one request at a time, and the result. */

import { explain, outcomeOf } from "../format/error-text.js";
import { edited, freshDraft, sending, withNewKey, settled } from "./drafts.js";

/**
 * @template Content
 * @param {object} parts
 * @param {string} parts.slot name of the draft
 * @param {Content} parts.initial
 * @param {string} [parts.parent] id of the task that this one follows
 * @param {import("./drafts.js").Drafts} parts.drafts
 * @param {import("../connection/api.js").Api} parts.api
 * @param {() => string} parts.newKey
 * @param {(task: import("../types.js").Task) => void} parts.onAccepted
 * @param {() => void} parts.onFailed
 * @param {(state: {busy: boolean, explanation: import("../format/error-text.js").Explanation|null, attempt: import("./drafts.js").Attempt, kept: boolean}) => void} parts.onChange
 */
export function createSubmission({ slot, initial, parent, drafts, api, newKey, onAccepted, onFailed, onChange }) {
  /** @type {import("./drafts.js").Draft<Content>} */
  let draft = drafts.load(slot) ?? freshDraft(newKey(), initial);
  let busy = false;
  let kept = true;

  /** @param {typeof draft} next */
  function keep(next) {
    draft = next;
    kept = drafts.save(slot, draft);
  }

  /** @param {import("../format/error-text.js").Explanation|null} explanation */
  const report = (explanation) => onChange({ busy, explanation, attempt: draft.attempt, kept });

  return {
    get content() {
      return draft.content;
    },
    report: () => report(null),
    /** @param {Content} content */
    edit(content) {
      if (busy) return;
      const was = kept;
      keep(edited(draft, content, newKey));
      if (was !== kept) report(null);
    },
    /**
     * @param {{input: import("../types.js").Message[], parent_id?: string}} body
     * @param {(string|number|null)[]} [places] of each message in the form
     */
    async send(body, places) {
      if (busy) return;
      busy = true;
      const before = draft;
      keep(sending(draft));
      report(null);
      try {
        const task = await api.createTask(parent ? { ...body, parent_id: parent } : body, draft.key);
        drafts.remove(slot);
        draft = freshDraft(newKey(), initial);
        onAccepted(task);
      } catch (error) {
        keep(settled(before, outcomeOf(error)));
        busy = false;
        report(explain(error, places));
        onFailed();
      }
    },
    /** Make the next submission a task of its own. */
    sendWithNewKey() {
      keep(withNewKey(draft, newKey));
    },
  };
}

/** What each form adds to the shared dependencies. @template Content @typedef {Pick<Parameters<typeof createSubmission<Content>>[0], "slot"|"initial"|"onChange">} Form */
/** @typedef {<Content>(form: Form<Content>) => ReturnType<typeof createSubmission<Content>>} Start */
