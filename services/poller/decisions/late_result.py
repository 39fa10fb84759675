"""What is added to a task that has moved on while it was being sent: nothing true is dropped."""

from collections.abc import Callable

from services.poller.decisions.poll_policy import PollPolicy
from services.poller.decisions.submission import Submitted
from shared.domain import changes
from shared.domain.changes import Change, TaskResult
from shared.domain.states import Status
from shared.domain.task import Task

LateResult = Callable[[Task], Change | None]
"""The change that adds it, or None where it is of no use any more."""


def with_response_id(task: Task, started: Submitted, policy: PollPolicy) -> Change:
    """The response's id, whatever has become of its task."""
    if task.is_terminal:
        return changes.attach_response_id(task, started.response_id, policy.stale_after_ms)
    return changes.mark_in_progress(
        task,
        started.response_id,
        started.provider_status,
        policy.poll_interval,
        policy.stale_after_ms,
    )


def refused(ending: TaskResult) -> LateResult:
    """The provider certainly has nothing of the task, which ends the doubt over it."""

    def change(task: Task) -> Change | None:
        if not task.is_terminal:
            return changes.finish(task, ending, polled=False)
        open_question = task.ended_from in (Status.SUBMITTING, Status.UNCONFIRMED)
        return changes.mark_not_submitted(task) if open_question else None

    return change


def not_submitted(reason: str) -> LateResult:
    """The same where the task would have waited. By now a person may have had it sent again."""
    known_late = "but that was known too late to send it again by itself."
    message = f"Nothing of it is at OpenAI ({reason.rstrip('.')}), {known_late}"
    return refused(TaskResult(Status.FAILED, "not_taken", message))


def never_told(task: Task) -> Change | None:
    """Nobody will ever say whether the provider has it."""
    return changes.mark_fate_unknown(task) if task.ended_from is Status.SUBMITTING else None
