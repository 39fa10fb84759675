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
 * @param {() => unknown} [parts.place] where the person is; the place of the sending is handed to what follows it
 * @param {(task: import("../types.js").Task, sentFrom: unknown) => void} parts.onAccepted
 * @param {(sentFrom: unknown) => void} parts.onAllAccepted after several tasks
 * @param {() => void} parts.onFailed
 * @param {(state: {busy: boolean, explanation: import("../format/error-text.js").Explanation|null, attempt: import("./drafts.js").Attempt, kept: boolean}) => void} parts.onChange
 */
export function createSubmission({ slot, initial, parent, drafts, api, newKey, place = () => null, onAccepted, onAllAccepted, onFailed, onChange }) {
  /** @type {import("./drafts.js").Draft<Content>} */
  let draft = drafts.load(slot) ?? freshDraft(newKey(), initial);
  let busy = false;
  let kept = true;

  /** @param {typeof draft} next */
  function keep(next) {
    draft = next;
    kept = drafts.save(slot, draft);
  }

  /**
   * @template Reply
   * @param {() => Promise<Reply>} call
   * @param {(error: unknown) => {outcome: "refused"|"uncertain"|"conflict", explanation: import("../format/error-text.js").Explanation}} judge
   * @param {(reply: Reply, sentFrom: unknown) => void} onDone
   */
  async function submit(call, judge, onDone) {
    if (busy) return;
    busy = true;
    const before = draft;
    const sentFrom = place();
    keep(sending(draft));
    report(null);
    let reply;
    try {
      reply = await call();
    } catch (error) {
      const { outcome, explanation } = judge(error);
      keep(settled(before, outcome));
      busy = false;
      report(explanation);
      return onFailed();
    }
    drafts.remove(slot);
    draft = freshDraft(newKey(), initial);
    onDone(reply, sentFrom); // not in the try: an error of the page is no failure of the request
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
     * @param {{input: import("../types.js").Message[], title?: string, parent_id?: string}} body
     * @param {(string|number|null)[]} [places] of each message in the form
     */
    send: (body, places) =>
      submit(
        () => api.createTask(parent ? { ...body, parent_id: parent } : body, draft.key),
        (error) => ({ outcome: outcomeOf(error), explanation: explain(error, places) }),
        onAccepted,
      ),
    /**
     * Sends each body as a task of its own. Its key follows from the draft's and its text, so that
     * sending all again after an error makes none twice.
     * @param {Parameters<typeof api.createTask>[0][]} bodies
     */
    sendAll: (bodies) =>
      submit(
        async () => {
          for (const body of bodies) await api.createTask(body, `${draft.key}-${hashOf(JSON.stringify(body))}`);
        },
        (error) => ({ outcome: "uncertain", explanation: explain(error) }), // some may have been accepted
        (_, sentFrom) => onAllAccepted(sentFrom),
      ),
    /** Make the next submission a task of its own. */
    sendWithNewKey() {
      keep(withNewKey(draft, newKey));
    },
  };
}

/** FNV-1a, 32 bits: tells the texts of one draft apart. @param {string} text */
function hashOf(text) {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return (hash >>> 0).toString(16);
}

/** What each form adds to the shared dependencies. @template Content @typedef {Pick<Parameters<typeof createSubmission<Content>>[0], "slot"|"initial"|"onChange">} Form */
/** @typedef {<Content>(form: Form<Content>) => ReturnType<typeof createSubmission<Content>>} Start */
