"""Decides how to reschedule a task whose job is overdue."""

from services.poller.decisions.error_response import MAX_RETRY_AFTER_MS
from shared.domain import changes
from shared.domain.changes import Change, TaskResult
from shared.domain.states import Status
from shared.domain.task import Task

SUSPECT_ATTEMPTS = 2
"""Attempts without progress after which a task's jobs run one at a time with those of other
suspects, so that a worker that stops is held against one task only."""

FREE_ATTEMPTS = 5
"""Attempts without progress that are retried without delay."""

MAX_ATTEMPTS = 16
"""Attempts without progress after which the task is failed; the delays add up to six hours."""

FIRST_BACKOFF_MS, MAX_BACKOFF_MS = 60_000, 3_600_000
"""Delay between attempts: it doubles from the first to the maximum."""

LEASE_EXPIRED = "The worker stopped while it sent the request, so the provider may have the task."

POISONED = (
    f"A worker stopped while it ran a job of this task {MAX_ATTEMPTS} times in a row, in the end an"
    " hour apart, so the task was failed. The pollers' logs say more."
)


def sweep_backoff(attempts: int) -> int:
    """Milliseconds until the next attempt.

    A worker may stop because of this task, of another that it ran at the same time, or of neither,
    so a task whose answer is paid for is not failed at once.
    """
    if attempts < FREE_ATTEMPTS:
        return 0
    return min(FIRST_BACKOFF_MS << (attempts - FREE_ATTEMPTS), MAX_BACKOFF_MS)


def decide_sweep(task: Task, attempts: int, stale_after_ms: int) -> Change | None:
    """The change that reschedules the task, or None if it needs no job.

    ``attempts`` counts the jobs started since the last one that made progress.
    """
    if task.deletion_requested_at is not None:
        return _delete_again(task, attempts)
    if attempts >= MAX_ATTEMPTS and (quarantined := _quarantine(task)):
        return quarantined
    wait = sweep_backoff(attempts)
    match task.status:
        case Status.QUEUED:
            return changes.requeue(task, wait, task.paused, task.problem, progress=False)
        case Status.SUBMITTING:
            return changes.mark_unconfirmed(task, LEASE_EXPIRED)
        case Status.UNCONFIRMED if task.adopting and attempts >= FREE_ATTEMPTS:
            message = f"A worker stopped while it read {task.adopting} {attempts} times in a row."
            return changes.refuse_adoption(task, message)
        case Status.UNCONFIRMED if task.adopting:
            return changes.adopt(task, task.adopting, 0, stale_after_ms, progress=False)
        case _ if task.ended_from is Status.SUBMITTING and task.response_id is None:
            return changes.mark_fate_unknown(task)
        case _:
            return (
                changes.restart_polling(task, wait, stale_after_ms) if task.needs_polling else None
            )


def _delete_again(task: Task, attempts: int) -> Change:
    """A deletion is never given up, since a person waits for it."""
    if attempts < FREE_ATTEMPTS:
        return changes.retry_deletion(task, task.deletion_problem, 0, progress=False)
    problem = f"A worker stopped during this deletion {attempts} times in a row."
    return changes.retry_deletion(task, problem, MAX_RETRY_AFTER_MS, progress=False)


def _quarantine(task: Task) -> Change | None:
    """The change that ends a task after MAX_ATTEMPTS, or None if only its lease is pending."""
    match task.status:
        case Status.QUEUED | Status.IN_PROGRESS:
            return changes.poison(task, POISONED)
        case _:
            return (
                changes.attach_answer(task, TaskResult(task.status)) if task.watch_until else None
            )
