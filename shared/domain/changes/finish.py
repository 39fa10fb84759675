"""The ends of a task: the provider's word, ours, and a person's. Ours and a person's are final.

What was sent may go on at the provider after our own end. It is then watched: stopped there if
that can be, and polled until the provider says how it ended, so that its cost becomes known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shared.domain.changes.change import Change, Field
from shared.domain.changes.deletion import continue_deletion
from shared.domain.states import Status
from shared.domain.task import Task
from shared.queue import poll_job

WATCH_MS = 24 * 3600 * 1000
"""Milliseconds after our own end for which the provider is asked how it ended there."""

SENDER_GRACE_MS = 60_000
"""Milliseconds within which a poller records the result of a submission; leases are shorter."""


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What a task ended with; ``response`` is the provider's object, byte for byte.

    ``took`` is how long it ran there, in milliseconds, where the provider says so.
    """

    status: Status
    error_code: str | None = None
    error_message: str | None = None
    provider_status: str | None = None
    response: bytes | None = None
    answer_kind: str | None = None
    usage: bytes | None = None
    cost: int | None = None
    duration_ms: int | None = None
    model: str | None = None
    reasoning_mode: str | None = None


def finish(
    task: Task,
    ending: TaskResult,
    *,
    polled: bool,
    response_id: str | None = None,
    account_id: str | None = None,
) -> Change:
    """End the task with the provider's word: answer, usage, cost and status in one write.

    No generation is expected: the provider's last word is true whichever chain heard it.
    ``response_id`` is stored too where the answer came before or with its id, ``account_id`` where
    another account may have seen the response before.
    """
    _require_open(task, ending.status)
    put: dict[str, Field] = {
        **answer_fields(ending),
        **({} if response_id is None else {"response_id": response_id}),
        "error_code": ending.error_code,
        "error_message": ending.error_message,
        "provider_status": ending.provider_status,
        "next_poll_at": None,
        "missing_since": None,
        "paused": None,
        "adopting": None,
        "adoption_refused": None,
        "polls": task.polls + polled,
        "account_id": account_id or task.account_id,
    }
    return Change(
        task,
        ending.status,
        expect={
            "claim_token": task.claim_token,
            **({} if response_id is None else {"response_id": None}),
        },
        set_fields=put,
        set_times={"completed_at": 0, **({"last_polled_at": 0} if polled else {})},
        response=ending.response,
        spend=ending.cost or 0,
        duration_ms=ending.duration_ms,
    )


def answer_fields(ending: TaskResult) -> dict[str, Field]:
    """What the record keeps of an answer besides its body."""
    return {
        "answer_kind": ending.answer_kind,
        "usage": None if ending.usage is None else ending.usage.decode(),
        "cost": ending.cost,
        "answered_model": ending.model,
        "answered_mode": ending.reasoning_mode,
    }


def poison(task: Task, message: str) -> Change:
    """End it because workers break down over it, unless something has come of it meanwhile.

    Nobody stops it at the provider either.
    """
    if task.status not in (Status.QUEUED, Status.IN_PROGRESS):
        raise ValueError(f"{task.status} may not become {Status.FAILED} by breakdowns")
    change = finish(task, TaskResult(Status.FAILED, "poisoned", message), polled=False)
    unmoved = {
        "generation": task.generation,
        **({"polls": task.polls} if task.needs_polling else {}),
    }
    ours: dict[str, Field] = {
        "ended_from": task.status,
        "provider_status": task.provider_status,
        "cancel_pending": None if task.response_id is None else 1,
    }
    return replace(
        change, expect={**change.expect, **unmoved}, set_fields={**change.set_fields, **ours}
    )


def fail(task: Task, code: str, message: str, late: int) -> Change:
    """End it as failed, in our own name."""
    return _end(task, Status.FAILED, code, message, late)


def cancel(task: Task, late: int) -> Change:
    """End it as a person wishes."""
    return _end(task, Status.CANCELLED, None, None, late)


def abandon(task: Task) -> Change:
    """Give up a task of which nobody knows whether the provider has it."""
    message = "It was given up without knowing whether the provider had received it."
    return _end(task, Status.FAILED, "abandoned", message, 0)


def supersede(task: Task, successor_id: str) -> Change:
    """End it because a person had it sent again as another task."""
    return _end(task, Status.FAILED, "superseded", f"It was sent again as {successor_id}.", 0)


def mark_not_submitted(task: Task) -> Change:
    """Add to a task that we ended that the provider had refused it, so nothing of it is there."""
    nothing_sent = dict.fromkeys(("claim_token", "client_request_id", "submitted_at", "sent_model"))
    return _settle(task, Status.QUEUED, nothing_sent)


def mark_fate_unknown(task: Task) -> Change:
    """Add to a task that we ended that nobody will say any more whether the provider has it."""
    return _settle(task, Status.UNCONFIRMED, {})


def _settle(task: Task, ended_from: Status, put: Mapping[str, Field]) -> Change:
    if task.ended_from not in (Status.SUBMITTING, Status.UNCONFIRMED) or task.response_id:
        raise ValueError("it is known already whether the provider has this task")
    change = Change(
        task,
        task.status,
        expect={
            "ended_from": task.ended_from,
            "response_id": None,
            "deletion_requested_at": task.deletion_requested_at,
        },
        set_fields={"ended_from": ended_from, **put},
    )
    return change if task.deletion_requested_at is None else continue_deletion(change)


def _end(task: Task, status: Status, code: str | None, message: str | None, late: int) -> Change:
    _require_open(task, status)
    generation = task.generation + 1
    put: dict[str, Field] = {
        "generation": generation,
        "error_code": code,
        "error_message": message,
        "paused": None,
        "adopting": None,
        "adoption_refused": None,
        "missing_since": None,
        "next_poll_at": None,
        "ended_from": task.status,
    }
    if task.response_id is None:
        due = SENDER_GRACE_MS if task.status is Status.SUBMITTING else None
        return Change(
            task, status, expect={}, set_fields=put, set_times={"completed_at": 0}, sweep_after=due
        )
    return Change(
        task,
        status,
        expect={"generation": task.generation, "polls": task.polls},
        set_fields=put | {"cancel_pending": 1},
        set_times={"completed_at": 0, "watch_until": WATCH_MS, "next_poll_at": 0},
        sweep_after=late,
        job=poll_job(task.id, generation, task.polls + 1, 0),
    )


def _require_open(task: Task, status: Status) -> None:
    if task.is_terminal:
        raise ValueError(f"{task.status} is an end and may not become {status}")
