"""Every kind of change to a task's record, as a value that the store's one script carries out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.queue import Job, poll_job, submit_job
from shared.states import Pause, Status, may_change
from shared.task import Task

QUEUED_LATE = 30_000
"""Milliseconds after which a submission that should have begun counts as lost to the queue."""

Field = str | int | None


@dataclass(frozen=True, slots=True)
class Change:
    """A compare-and-set: applied only while the record is as ``expect`` says.

    ``at`` are times in milliseconds from the server's now; ``None`` in ``put`` removes the field.
    ``due`` says when the sweep looks at the task should nothing happen before (None: never).
    ``visible`` changes count up the version. ``spend`` is micro-dollars of today.
    """

    task_id: str
    before: Status
    after: Status
    expect: Mapping[str, Field]
    put: Mapping[str, Field] = field(default_factory=dict)
    at: Mapping[str, int] = field(default_factory=dict)
    due: int | None = None
    job: Job | None = None
    visible: bool = True
    response: bytes | None = None
    spend: int = 0

    def __post_init__(self) -> None:
        if not may_change(self.before, self.after):
            raise ValueError(f"{self.before} may not become {self.after}")


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


def claim(task: Task, token: str, lease: int) -> Change:
    """Win the only right to submit the task, for ``lease`` milliseconds."""
    return Change(
        task.id,
        task.status,
        Status.SUBMITTING,
        expect={"generation": task.generation},
        put={
            "claim": token,
            "client_request_id": f"{task.id}-{task.attempts + 1}",
            "paused": None,
            "attempts": task.attempts + 1,
        },
        at={"submitted_at": 0},
        due=lease,
    )


def start(
    task: Task, response_id: str, provider_status: str | None, first_poll: int, late: int
) -> Change:
    """Keep the response's id, and begin the poll chain in ``first_poll`` milliseconds.

    An id that is kept already is never replaced: it is the one that was paid for.
    Here and below, a poll that is not noted ``late`` milliseconds after its time counts as lost.
    """
    generation = task.generation + 1
    return Change(
        task.id,
        task.status,
        Status.IN_PROGRESS,
        expect={"claim": task.claim, "response_id": None},
        put={
            "response_id": response_id,
            "provider_status": provider_status,
            "generation": generation,
            "polls": 0,
            "error_code": None,
            "error_message": None,
        },
        at={"next_poll_at": first_poll},
        due=first_poll + late,
        job=poll_job(task.id, generation, 1, first_poll),
    )


def requeue(task: Task, delay: int, paused: Pause | None = None) -> Change:
    """Try to submit again in ``delay`` milliseconds: nothing is at the provider."""
    generation = task.generation + 1
    return Change(
        task.id,
        task.status,
        Status.QUEUED,
        expect={"generation": task.generation, "claim": task.claim},
        put={"generation": generation, "claim": None, "paused": paused, "submitted_at": None},
        due=delay + QUEUED_LATE,
        job=submit_job(task.id, generation, delay),
        visible=task.status is not Status.QUEUED or task.paused != paused,
    )


def doubt(task: Task, reason: str) -> Change:
    """The provider may or may not have the task; from here only a person or a webhook leads on.

    The claim stays in the record: should its holder wake up and know the response, it may say so.
    """
    return Change(
        task.id,
        task.status,
        Status.UNCONFIRMED,
        expect={"claim": task.claim},
        put={"error_code": "unconfirmed", "error_message": reason},
    )


def poll_again(
    task: Task, after: int, provider_status: str | None, missing_since: int | None, late: int
) -> Change:
    """Note a poll that did not end the task, and enqueue its successor in the same breath."""
    return Change(
        task.id,
        Status.IN_PROGRESS,
        Status.IN_PROGRESS,
        expect={"generation": task.generation, "polls": task.polls},
        put={
            "polls": task.polls + 1,
            "provider_status": provider_status,
            "missing_since": missing_since,
        },
        at={"last_polled_at": 0, "next_poll_at": after},
        due=after + late,
        job=poll_job(task.id, task.generation, task.polls + 2, after),
        visible=provider_status != task.provider_status,
    )


def restart_polling(task: Task, late: int) -> Change:
    """Start a new poll chain at once; the generation makes the old one, if it lives, a no-op."""
    generation = task.generation + 1
    return Change(
        task.id,
        Status.IN_PROGRESS,
        Status.IN_PROGRESS,
        expect={"generation": task.generation, "polls": task.polls},
        put={"generation": generation},
        at={"next_poll_at": 0},
        due=late,
        job=poll_job(task.id, generation, task.polls + 1, 0),
        visible=False,
    )


def finish(task: Task, ending: Ending, *, polled: bool) -> Change:
    """End the task: answer, usage, cost and status in one write.

    No generation is expected: the provider's last word is true whichever chain heard it.
    """
    put: dict[str, Field] = {
        "error_code": ending.error_code,
        "error_message": ending.error_message,
        "provider_status": ending.provider_status,
        "usage": None if ending.usage is None else ending.usage.decode(),
        "cost": ending.cost,
        "next_poll_at": None,
        "missing_since": None,
        "polls": task.polls + polled,
    }
    return Change(
        task.id,
        task.status,
        ending.status,
        expect={"claim": task.claim},
        put=put,
        at={"completed_at": 0, **({"last_polled_at": 0} if polled else {})},
        response=ending.response,
        spend=ending.cost or 0,
    )
