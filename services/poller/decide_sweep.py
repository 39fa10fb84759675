"""What a task needs to which nothing happened in time."""

from shared import changes
from shared.changes import Change
from shared.states import Status
from shared.task import Task

LEASE_OVER = "The worker that was sending the request stopped before it could say what came of it."


def decide_sweep(task: Task, late: int) -> Change | None:
    """The change that brings the task back on its way, or None where nobody waits for it."""
    match task.status:
        case Status.QUEUED:
            return changes.requeue(task, delay=0, paused=task.paused)
        case Status.SUBMITTING:
            return changes.doubt(task, LEASE_OVER)
        case Status.IN_PROGRESS:
            return changes.restart_polling(task, late)
        case _:
            return None
