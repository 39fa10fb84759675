"""Decides which tasks have reached the end of their retention."""

from shared.domain.states import Status
from shared.domain.task import Task


def expired(task: Task, provider: str, before: int) -> bool:
    """Whether the task ended before a time in ms and nothing about it is pending.

    A task that was cancelled while it was being sent may still get its response id.
    """
    still_sending = task.ended_from is Status.SUBMITTING and task.response_id is None
    return (
        task.provider == provider
        and task.is_terminal
        and (task.completed_at or before) < before
        and not (
            task.watch_until is not None or still_sending or task.deletion_requested_at is not None
        )
    )
