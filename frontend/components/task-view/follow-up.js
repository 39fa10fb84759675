/** Goes on with the conversation: the same input, the answer, and one more message. */

import { followUpBody } from "../../scripts/conversation.js";
import { el } from "../../scripts/dom.js";
import { saveOnPause, sendByKeyboard } from "../../scripts/typing.js";
import { forecast } from "../composer/forecast.js";
import { turn } from "../composer/turn.js";
import { refusal } from "../refusal/refusal.js";

/** @param {{task: import("../../scripts/types.js").Task, start: import("../../scripts/submission.js").Start, estimate: import("../../scripts/api.js").Api["estimate"]}} parts */
export function followUp({ task, start, estimate }) {
  const outlay = forecast(estimate);
  const verdict = refusal({ onSendAnew: () => (submission.sendAnew(), form.requestSubmit()) });
  const submission = start({ slot: `follow-up.${task.id}`, initial: "", onChange: update });
  const message = turn({ id: "follow-up", label: "Follow up", hint: "sends the whole conversation again, as a new task", text: submission.content, rows: 4 });
  const send = el("button", { type: "submit", class: "primary" }, "Send follow-up");
  const form = el("form", { class: "composer follow-up", novalidate: true, submit: onSubmit });
  form.append(message.element, verdict.element, outlay.element, el("div", { class: "actions" }, send));
  const save = saveOnPause(form, () => {
    submission.edit(message.field.value);
    outlay.weigh(followUpBody(task, message.field.value));
  });
  outlay.weigh(followUpBody(task, message.field.value));
  sendByKeyboard(form);
  submission.report();

  /** @param {Event} event */
  function onSubmit(event) {
    event.preventDefault();
    if (send.disabled) return;
    save();
    const body = followUpBody(task, message.field.value);
    submission.send(body, body.input.map((_, index) => (index === body.input.length - 1 ? "last" : null)));
  }

  /** @param {Parameters<ReturnType<typeof refusal>["update"]>[0]} state */
  function update(state) {
    verdict.update(state);
    send.disabled = state.busy;
    send.textContent = state.busy ? "Sending…" : "Send follow-up";
    message.field.readOnly = state.busy;
    message.complain((state.explanation?.fields ?? []).map((field) => field.message).join(" "));
    if (state.explanation?.fields.length) message.field.focus();
    else if (state.explanation && document.activeElement === document.body) send.focus();
  }

  return form;
}
