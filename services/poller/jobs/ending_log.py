"""Logs the end of a task, from whichever job it was that learned of it."""

import structlog

from shared.domain.changes import TaskResult
from shared.domain.task import Task

log = structlog.get_logger("services.poller")


def log_ending(before: Task, task: Task, ending: TaskResult) -> None:
    """Log the task as it was written, with its result and cost."""
    late = "late_result_attached" if ending.response else "late_result_missing"
    log.info(
        late if before.is_terminal else "task_finished",
        task=task.id,
        response=task.response_id,
        status=ending.status,
        polls=task.polls,
        cost_usd=None if ending.cost is None else ending.cost / 1e6,
        **({"error": ending.error_code} if ending.error_code else {}),
    )
