"""Changes with everyday values, as tests apply them to a task one after another."""

from shared.domain import changes
from shared.domain.changes import Change
from shared.domain.task import Task

LATE_MS = 25_000


def start(task: Task) -> Change:
    return changes.mark_in_progress(task, "resp_1", "queued", 61_000, LATE_MS)


def requeue(task: Task) -> Change:
    return changes.requeue(task, 2_000)


def doubt(task: Task) -> Change:
    return changes.mark_unconfirmed(task, "no answer")


def poll_again(task: Task) -> Change:
    return changes.poll_again(task, 61_000, "in_progress", None, LATE_MS)


def restart(task: Task) -> Change:
    return changes.restart_polling(task, 0, LATE_MS)


def cancel(task: Task) -> Change:
    return changes.cancel(task, LATE_MS)


def give_up(task: Task) -> Change:
    return changes.fail(task, "deadline_exceeded", "Too late.", LATE_MS)


def supersede(task: Task) -> Change:
    return changes.supersede(task, "task_2")


def poison(task: Task) -> Change:
    return changes.poison(task, "message")


def adopt(task: Task) -> Change:
    return changes.adopt(task, "resp_1", 0, LATE_MS)


def attach_id(task: Task) -> Change:
    return changes.attach_response_id(task, "resp_1", LATE_MS)
