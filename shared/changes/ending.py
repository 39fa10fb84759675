"""The ends of a task: the provider's word, ours, and a person's. Ours and a person's are final.

What was sent may go on at the provider after our own end. It is then watched: stopped there if
that can be, and polled until the provider says how it ended, so that its cost becomes known.
"""

from dataclasses import dataclass, replace

from shared.changes.change import Change, Field
from shared.queue import poll_job
from shared.states import Status
from shared.task import Task

WATCH = 24 * 3600 * 1000
"""Milliseconds after our own end for which the provider is asked how it ended there."""


@dataclass(frozen=True, slots=True)
class Ending:
    """What a task ended with; ``response`` is the provider's object, byte for byte."""

    status: Status
    error_code: str | None = None
    error_message: str | None = None
    provider_status: str | None = None
    response: bytes | None = None
    usage: bytes | None = None
    cost: int | None = None


def finish(task: Task, ending: Ending, *, polled: bool) -> Change:
    """End the task with the provider's word: answer, usage, cost and status in one write.

    No generation is expected: the provider's last word is true whichever chain heard it.
    """
    _require_open(task, ending.status)
    put: dict[str, Field] = {
        "error_code": ending.error_code,
        "error_message": ending.error_message,
        "provider_status": ending.provider_status,
        "usage": None if ending.usage is None else ending.usage.decode(),
        "cost": ending.cost,
        "next_poll_at": None,
        "missing_since": None,
        "paused": None,
        "adopting": None,
        "polls": task.polls + polled,
    }
    return Change(
        task,
        ending.status,
        expect={"claim": task.claim},
        put=put,
        at={"completed_at": 0, **({"last_polled_at": 0} if polled else {})},
        response=ending.response,
        spend=ending.cost or 0,
    )


def poison(task: Task, message: str) -> Change:
    """End it because workers break down over it, unless something has come of it meanwhile."""
    change = finish(task, Ending(Status.FAILED, "poisoned", message), polled=False)
    unmoved = {"generation": task.generation, **({"polls": task.polls} if task.polled else {})}
    return replace(change, expect={**change.expect, **unmoved})


def give_up(task: Task, code: str, message: str, late: int) -> Change:
    """End it as failed, in our own name."""
    return _end(task, Status.FAILED, code, message, late)


def cancel(task: Task, late: int) -> Change:
    """End it as a person wishes."""
    return _end(task, Status.CANCELLED, None, None, late)


def abandon(task: Task) -> Change:
    """Give up a task of which nobody knows whether the provider has it."""
    message = "It was given up without knowing whether OpenAI had received it."
    return _end(task, Status.FAILED, "abandoned", message, 0)


def supersede(task: Task, successor_id: str) -> Change:
    """End it because a person had it sent again as another task."""
    return _end(task, Status.FAILED, "superseded", f"It was sent again as {successor_id}.", 0)


def _end(task: Task, status: Status, code: str | None, message: str | None, late: int) -> Change:
    _require_open(task, status)
    generation = task.generation + 1
    put: dict[str, Field] = {
        "generation": generation,
        "error_code": code,
        "error_message": message,
        "paused": None,
        "adopting": None,
        "missing_since": None,
        "next_poll_at": None,
    }
    if task.response_id is None:
        return Change(task, status, expect={}, put=put, at={"completed_at": 0})
    return Change(
        task,
        status,
        expect={"generation": task.generation, "polls": task.polls},
        put=put | {"stop_there": 1},
        at={"completed_at": 0, "watched": WATCH, "next_poll_at": 0},
        due=late,
        job=poll_job(task.id, generation, task.polls + 1, 0),
    )


def _require_open(task: Task, status: Status) -> None:
    if task.ended:
        raise ValueError(f"{task.status} is an end and may not become {status}")
