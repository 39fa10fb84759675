/** One draft on its way to becoming a task: edits, the one sending at a time, and what came of it. */

import { explain, outcomeOf } from "../format/error-text.js";
import { edited, freshDraft, sending, withNewKey, settled } from "./drafts.js";

/**
 * @template Content
 * @param {object} parts
 * @param {string} parts.slot where the draft is kept
 * @param {Content} parts.initial
 * @param {string} [parts.parent] the task that this one goes on from
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
     * @param {(string|number|null)[]} [places] where each message was written
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
    /** The next sending makes a task of its own whatever became of the earlier ones. */
    sendWithNewKey() {
      keep(withNewKey(draft, newKey));
    },
  };
}

/** What a form adds to what all forms share. @template Content @typedef {Pick<Parameters<typeof createSubmission<Content>>[0], "slot"|"initial"|"onChange">} Form */
/** @typedef {<Content>(form: Form<Content>) => ReturnType<typeof createSubmission<Content>>} Start */
