"""What a task needs to which nothing happened in time."""

from services.poller.decisions.error_response import MAX_RETRY_AFTER_MS
from shared.domain import changes
from shared.domain.changes import Change, TaskResult
from shared.domain.states import Status
from shared.domain.task import Task

SUSPECT_ATTEMPTS = 2
"""Jobs of a task started in a row, without anything coming of them, after which its next ones run
one at a time with those of other suspects: whoever dies with the guilty one is not counted too."""

FREE_ATTEMPTS = 5
"""Jobs of a task that may be started in a row, without anything coming of them, with no wait."""

MAX_ATTEMPTS = 16
"""Jobs of a task after which nobody tries any more: the waits between them make six hours."""

FIRST_BACKOFF_MS, MAX_BACKOFF_MS = 60_000, 3_600_000
"""Milliseconds for which such a task is set aside at first, and at most."""

LEASE_EXPIRED = (
    "The worker that was sending the request stopped before it could say what came of it."
)

POISONED = (
    f"A worker stopped while it ran a job of this task {MAX_ATTEMPTS} times in a row, in the end an"
    " hour apart, so the task was failed. The pollers' logs say more."
)


def sweep_backoff(starts: int) -> int:
    """Milliseconds before it is tried again: none, then a minute, then twice as long each time.

    Workers break down over a task for its own sake, or for that of another that they had in hand,
    or because they always do: an answer that is paid for is not given up for that at once.
    """
    if starts < FREE_ATTEMPTS:
        return 0
    return min(FIRST_BACKOFF_MS << (starts - FREE_ATTEMPTS), MAX_BACKOFF_MS)


def decide_sweep(task: Task, starts: int, stale_after_ms: int) -> Change | None:
    """The change that brings the task back on its way, or None where nobody waits for it.

    ``starts`` counts the jobs that were started since anything came of one.
    """
    if task.deletion_requested_at is not None:
        return _delete_again(task, starts)
    if starts >= MAX_ATTEMPTS and (quarantined := _quarantine(task)):
        return quarantined
    wait = sweep_backoff(starts)
    match task.status:
        case Status.QUEUED:
            return changes.requeue(task, wait, task.paused, progress=False)
        case Status.SUBMITTING:
            return changes.mark_unconfirmed(task, LEASE_EXPIRED)
        case Status.UNCONFIRMED if task.adopting and starts >= FREE_ATTEMPTS:
            message = f"A worker broke down over {task.adopting} {starts} times in a row."
            return changes.refuse_adoption(task, message)
        case Status.UNCONFIRMED if task.adopting:
            return changes.adopt(task, task.adopting, 0, stale_after_ms, progress=False)
        case _ if task.ended_from is Status.SUBMITTING and task.response_id is None:
            return changes.mark_fate_unknown(task)
        case _:
            return (
                changes.restart_polling(task, wait, stale_after_ms) if task.needs_polling else None
            )


def _delete_again(task: Task, starts: int) -> Change:
    """Whatever happens, a person waits for it; what breaks workers down is tried seldom."""
    if starts < FREE_ATTEMPTS:
        return changes.retry_deletion(task, task.deletion_problem, 0, progress=False)
    problem = f"A worker broke down over this deletion {starts} times in a row."
    return changes.retry_deletion(task, problem, MAX_RETRY_AFTER_MS, progress=False)


def _quarantine(task: Task) -> Change | None:
    """The end of what breaks workers down; None where nothing but the lease is waited for."""
    match task.status:
        case Status.QUEUED | Status.IN_PROGRESS:
            return changes.poison(task, POISONED)
        case _:
            return (
                changes.attach_answer(task, TaskResult(task.status)) if task.watch_until else None
            )
