"""What a task needs to which nothing happened in time."""

from services.poller.decisions.error_response import LONGEST_WAIT
from shared.domain import changes
from shared.domain.changes import Change, TaskResult
from shared.domain.states import Status
from shared.domain.task import Task

SUSPECT_STARTS = 2
"""Jobs of a task started in a row, without anything coming of them, after which its next ones run
one at a time with those of other suspects: whoever dies with the guilty one is not counted too."""

FEW_STARTS = 5
"""Jobs of a task that may be started in a row, without anything coming of them, with no wait."""

MOST_STARTS = 16
"""Jobs of a task after which nobody tries any more: the waits between them make six hours."""

FIRST_WAIT, LONGEST_ASIDE = 60_000, 3_600_000
"""Milliseconds for which such a task is set aside at first, and at most."""

LEASE_OVER = "The worker that was sending the request stopped before it could say what came of it."

POISONED = (
    f"A worker broke down over this task {MOST_STARTS} times in a row, at last an hour apart, so it"
    " was taken out of service. The pollers' logs say more."
)


def aside(starts: int) -> int:
    """Milliseconds before it is tried again: none, then a minute, then twice as long each time.

    Workers break down over a task for its own sake, or for that of another that they had in hand,
    or because they always do: an answer that is paid for is not given up for that at once.
    """
    if starts < FEW_STARTS:
        return 0
    return min(FIRST_WAIT << (starts - FEW_STARTS), LONGEST_ASIDE)


def decide_sweep(task: Task, starts: int, late: int) -> Change | None:
    """The change that brings the task back on its way, or None where nobody waits for it.

    ``starts`` counts the jobs that were started since anything came of one.
    """
    if task.deletion_requested_at is not None:
        return _delete_again(task, starts)
    if starts >= MOST_STARTS and (quarantined := _quarantine(task)):
        return quarantined
    wait = aside(starts)
    match task.status:
        case Status.QUEUED:
            return changes.requeue(task, wait, task.paused, progress=False)
        case Status.SUBMITTING:
            return changes.mark_unconfirmed(task, LEASE_OVER)
        case Status.UNCONFIRMED if task.adopting and starts >= FEW_STARTS:
            message = f"A worker broke down over {task.adopting} {starts} times in a row."
            return changes.refuse_adoption(task, message)
        case Status.UNCONFIRMED if task.adopting:
            return changes.adopt(task, task.adopting, 0, late, progress=False)
        case _ if task.ended_from is Status.SUBMITTING and task.response_id is None:
            return changes.mark_fate_unknown(task)
        case _:
            return changes.restart_polling(task, wait, late) if task.needs_polling else None


def _delete_again(task: Task, starts: int) -> Change:
    """Whatever happens, a person waits for it; what breaks workers down is tried seldom."""
    if starts < FEW_STARTS:
        return changes.retry_deletion(task, task.deletion_problem, 0, progress=False)
    problem = f"A worker broke down over this deletion {starts} times in a row."
    return changes.retry_deletion(task, problem, LONGEST_WAIT, progress=False)


def _quarantine(task: Task) -> Change | None:
    """The end of what breaks workers down; None where nothing but the lease is waited for."""
    match task.status:
        case Status.QUEUED | Status.IN_PROGRESS:
            return changes.poison(task, POISONED)
        case _:
            return (
                changes.attach_answer(task, TaskResult(task.status)) if task.watch_until else None
            )
