"""How the result of a POST is recorded if its task has changed in the meantime."""

from collections.abc import Callable

from shared.domain import changes
from shared.domain.changes import Change, TaskResult
from shared.domain.states import Status
from shared.domain.task import Task

LateResult = Callable[[Task], Change | None]
"""Returns the change that records it on the task as it is now, or None if that is pointless."""


def refused(ending: TaskResult) -> LateResult:
    """The provider does not have the task, so it is no longer unconfirmed."""

    def change(task: Task) -> Change | None:
        if not task.is_terminal:
            return changes.finish(task, ending, polled=False)
        uncertain = task.ended_from in (Status.SUBMITTING, Status.UNCONFIRMED)
        return changes.mark_not_submitted(task) if uncertain else None

    return change


def not_submitted(reason: str) -> LateResult:
    """The same for a task that would be retried: a person may have had it sent again by now."""
    message = (
        f"The provider did not get it ({reason.rstrip('.')}). That was known too late to retry."
    )
    return refused(TaskResult(Status.FAILED, "not_taken", message))


def fate_unknown(task: Task) -> Change | None:
    """Whether the provider has the task will never be known."""
    return changes.mark_fate_unknown(task) if task.ended_from is Status.SUBMITTING else None
