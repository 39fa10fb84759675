"""From accepted to sent: the claim, the way back, and the doubt."""

from shared.domain.changes.change import Change
from shared.domain.problem import Problem, problem_fields
from shared.domain.states import PauseReason, Status
from shared.domain.task import Task
from shared.openai.model import ACTIVE
from shared.queue import submit_job

SUBMIT_STALE_MS = 30_000
"""Milliseconds after which a submission that should have begun counts as lost to the queue."""


def claim(
    task: Task,
    token: str,
    lease: int,
    reserve: int = ACTIVE.expected_cost,
    account_id: str | None = None,
) -> Change:
    """Win the only right to submit the task, for ``lease`` milliseconds.

    ``reserve`` is what it is expected to cost, in micro-dollars, if the budget has room for it.
    ``account_id`` stands for that at the provider by which it is sent.
    """
    return Change(
        task,
        Status.SUBMITTING,
        expect={"generation": task.generation},
        set_fields={
            "claim_token": token,
            "client_request_id": f"{task.id}-{task.attempts + 1}",
            "sent_model": ACTIVE.name,
            "account_id": account_id,
            "paused": None,
            "attempts": task.attempts + 1,
        },
        set_times={"submitted_at": 0},
        sweep_after=lease,
        reserve=reserve,
    )


def requeue(
    task: Task,
    delay: int,
    paused: PauseReason | None = None,
    problem: Problem | None = None,
    *,
    progress: bool = True,
) -> Change:
    """Try to submit again in ``delay`` milliseconds: nothing is at the provider."""
    generation = task.generation + 1
    return Change(
        task,
        Status.QUEUED,
        expect={"generation": task.generation, "claim_token": task.claim_token},
        set_fields={
            "generation": generation,
            "claim_token": None,
            "client_request_id": None,
            "paused": paused and paused.stored,
            "pause_detail": paused and paused.detail,
            "sent_model": None,
            "submitted_at": None,
            **problem_fields(problem),
        },
        set_times={"next_attempt_at": delay},
        sweep_after=delay + SUBMIT_STALE_MS,
        job=submit_job(task.id, generation, delay),
        visible=task.status is not Status.QUEUED
        or task.paused != paused
        or problem_fields(task.problem) != problem_fields(problem),
        progress=progress,
    )


def mark_unconfirmed(task: Task, reason: str) -> Change:
    """The provider may or may not have the task; from here only a person or a webhook leads on.

    The claim stays in the record: should its holder wake up and know the response, it may say so.
    """
    if task.status is Status.UNCONFIRMED:
        raise ValueError("what is in doubt already may not become so again")
    return Change(
        task,
        Status.UNCONFIRMED,
        expect={"claim_token": task.claim_token},
        set_fields={"error_code": "unconfirmed", "error_message": reason, "paused": None},
    )
