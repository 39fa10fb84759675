/** The follow-up form: sends the input, the answer and one more message. Loaded when its place comes into sight. */

import { el } from "../../scripts/dom.js";
import { createSubmission } from "../../scripts/state/submission.js";
import { followUpBody } from "../../scripts/text/conversation.js";
import { autosave, submitOnCtrlEnter, messageField } from "../composer/message-field.js";
import { costLine, submitError } from "../composer/submission-status.js";

/** @param {{task: import("../../scripts/types.js").Task, id?: string, submissionDeps: import("../../scripts/view-host.js").Parts["submissionDeps"]}} parts */
export function followUp({ task, id = "follow-up", submissionDeps }) {
  const { api } = submissionDeps;
  const estimateLine = costLine(api);
  const error = submitError({ onSendWithNewKey: () => (submission.sendWithNewKey(), form.requestSubmit()) });
  const submission = createSubmission({ ...submissionDeps, slot: `follow-up.${task.id}`, initial: "", onChange: update });
  const message = messageField({ id, label: "Follow up", hint: "sends the whole conversation again, as a new task", text: submission.content, rows: 4 });
  const send = el("button", { type: "submit", class: "primary" }, "Send follow-up");
  const form = el("form", { class: "composer follow-up", novalidate: true, submit: onSubmit });
  form.append(message.element, error.element, estimateLine.element, el("div", { class: "actions" }, send));
  const save = autosave(form, () => {
    submission.edit(message.field.value);
    estimateLine.setBody(followUpBody(task, message.field.value));
  });
  estimateLine.setBody(followUpBody(task, message.field.value));
  submitOnCtrlEnter(form);
  submission.report();

  /** @param {Event} event */
  function onSubmit(event) {
    event.preventDefault();
    if (send.disabled) return;
    save();
    const body = followUpBody(task, message.field.value);
    submission.send(body, body.input.map((_, index) => (index === body.input.length - 1 ? "last" : null)));
  }

  /** @param {Parameters<ReturnType<typeof submitError>["update"]>[0]} state */
  function update(state) {
    error.update(state);
    send.disabled = state.busy;
    send.textContent = state.busy ? "Sending…" : "Send follow-up";
    message.field.readOnly = state.busy;
    message.setError((state.explanation?.fields ?? []).map((field) => field.message).join(" "));
    if (state.explanation?.fields.length) message.field.focus();
    else if (state.explanation && document.activeElement === document.body) send.focus();
  }

  return form;
}
