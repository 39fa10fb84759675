"""Which tasks have been kept long enough; nothing here does anything about it."""

from shared.domain.states import Status
from shared.domain.task import Task


def expired(task: Task, provider: str, before: int) -> bool:
    """Whether it ended before a time in ms, and nothing more is being found out about it.

    A task without a provider's id of which its sender may still bring one is not settled either.
    """
    being_sent = task.ended_from is Status.SUBMITTING and task.response_id is None
    return (
        task.provider == provider
        and task.is_terminal
        and (task.completed_at or before) < before
        and not (
            task.watch_until is not None or being_sent or task.deletion_requested_at is not None
        )
    )
