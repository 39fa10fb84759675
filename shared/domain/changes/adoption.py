"""A response that turned up: named by a person or a webhook, checked, and attached to its task."""

from shared.domain.changes.change import Change, Field
from shared.domain.changes.deletion import go_on_deleting
from shared.domain.changes.finish import WATCH, Ending
from shared.domain.states import Status
from shared.domain.task import Task
from shared.queue import adopt_job, poll_job


def adopt(task: Task, response_id: str, delay: int, late: int, *, progress: bool = True) -> Change:
    """Have a poller check in ``delay`` milliseconds whether the response is this task's."""
    _require_unconfirmed(task)
    generation = task.generation + 1
    return Change(
        task,
        Status.UNCONFIRMED,
        expect={"generation": task.generation},
        put={
            "generation": generation,
            "adopting": response_id,
            "adoption_refused": None,
        },
        due=delay + late,
        job=adopt_job(task.id, generation, response_id, delay),
        visible=task.adopting != response_id,
        progress=progress,
    )


def refuse_adoption(task: Task, message: str) -> Change:
    """Say why the response is not this task's; the task stays in doubt for its own reason."""
    _require_unconfirmed(task)
    return Change(
        task,
        Status.UNCONFIRMED,
        expect={"generation": task.generation, "adopting": task.adopting},
        put={"adopting": None, "adoption_refused": message},
    )


def attach_id(task: Task, response_id: str, late: int) -> Change:
    """Add the response's id to a task that we ended before it was known, to stop and watch it.

    One that is being deleted is stopped and deleted.
    """
    if not task.ended:
        raise ValueError(f"a task that is {task.status} is not at its end")
    expect: dict[str, Field] = {"response_id": None, "deleting": task.deleting}
    put: dict[str, Field] = {"response_id": response_id, "stop_there": 1}
    if task.deleting is not None:
        return go_on_deleting(Change(task, task.status, expect=expect, put=put))
    generation = task.generation + 1
    return Change(
        task,
        task.status,
        expect=expect,
        put={**put, "generation": generation, "polls": 0},
        at={"watched": WATCH, "next_poll_at": 0},
        due=late,
        job=poll_job(task.id, generation, 1, 0),
    )


def attach_answer(task: Task, ending: Ending) -> Change:
    """Add what the provider made of a task after our own end, with its cost. The status stays."""
    if not task.ended or task.watched is None:
        raise ValueError(f"a task that is {task.status} is not watched")
    return Change(
        task,
        task.status,
        expect={"watched": task.watched},
        put={
            "watched": None,
            "stop_there": None if ending.provider_status else task.stop_there,
            "next_poll_at": None,
            "missing_since": None,
            "provider_status": ending.provider_status or task.provider_status,
            "usage": None if ending.usage is None else ending.usage.decode(),
            "cost": ending.cost,
            "polls": task.polls + 1,
        },
        at={"last_polled_at": 0},
        response=ending.response,
        spend=ending.cost or 0,
    )


def _require_unconfirmed(task: Task) -> None:
    if task.status is not Status.UNCONFIRMED:
        raise ValueError(f"{task.status} may not become {Status.UNCONFIRMED} by adoption")
