"""The poll chain: starts with the response id, continues with each poll, restarted by the sweep.

A poll that is not noted ``late`` milliseconds after its time counts as lost. A task that we ended
ourselves is polled on while it is watched, until the provider has ended it too.
"""

from shared.domain.changes.change import Change
from shared.domain.problem import MIN_FAILED, Problem, problem_fields
from shared.domain.states import Status
from shared.domain.task import Task
from shared.queue import poll_job


def mark_in_progress(
    task: Task, response_id: str, provider_status: str | None, first_poll: int, late: int
) -> Change:
    """Keep the response's id, and begin the poll chain in ``first_poll`` milliseconds.

    An id that is kept already is never replaced: it is the one that was paid for.
    """
    generation = task.generation + 1
    return Change(
        task,
        Status.IN_PROGRESS,
        expect={"claim_token": task.claim_token, "response_id": None},
        set_fields={
            "response_id": response_id,
            "provider_status": provider_status,
            "generation": generation,
            "polls": 0,
            "adopting": None,
            "adoption_refused": None,
            "error_code": None,
            "error_message": None,
            "failed_polls": None,
            **problem_fields(None),
        },
        set_times={"next_poll_at": first_poll},
        sweep_after=first_poll + late,
        job=poll_job(task.id, generation, 1, first_poll),
    )


def poll_again(
    task: Task,
    after: int,
    provider_status: str | None,
    missing_since: int | None,
    late: int,
    *,
    problem: Problem | None = None,
    account_id: str | None = None,
    stopped: bool = False,
    missed: bool = False,
) -> Change:
    """Note a poll that was not the last, and enqueue its successor in the same breath.

    ``problem``: why it got no usable answer; without one, the response was seen by ``account_id``.
    ``stopped``: the provider has heard that it is to stop; ``missed``: but it had nothing to stop.
    """
    _require_polled(task)
    cancel_pending = None if stopped else task.cancel_pending
    failed_polls = task.failed_polls + 1 if problem else None
    shown = problem if failed_polls and failed_polls >= MIN_FAILED else None
    return Change(
        task,
        task.status,
        expect={"generation": task.generation, "polls": task.polls},
        set_fields={
            "polls": task.polls + 1,
            "provider_status": provider_status,
            "missing_since": missing_since,
            "cancel_pending": cancel_pending,
            "cancel_missed": 1 if missed else task.cancel_missed,
            "failed_polls": failed_polls,
            "account_id": (problem is None and account_id) or task.account_id,
            **problem_fields(problem),
        },
        set_times={"last_polled_at": 0, "next_poll_at": after},
        sweep_after=after + late,
        job=poll_job(task.id, task.generation, task.polls + 2, after),
        visible=(provider_status, cancel_pending, problem_fields(shown))
        != (task.provider_status, task.cancel_pending, problem_fields(_shown_problem(task))),
    )


def restart_polling(task: Task, after: int, late: int) -> Change:
    """Start a new poll chain in ``after`` ms; the generation makes the old one a no-op."""
    _require_polled(task)
    generation = task.generation + 1
    return Change(
        task,
        task.status,
        expect={"generation": task.generation, "polls": task.polls},
        set_fields={"generation": generation},
        set_times={"next_poll_at": after},
        sweep_after=after + late,
        job=poll_job(task.id, generation, task.polls + 1, after),
        visible=after > 0,
        progress=False,
    )


def _shown_problem(task: Task) -> Problem | None:
    return task.problem if task.waits_for_provider else None


def _require_polled(task: Task) -> None:
    if not task.needs_polling:
        raise ValueError(f"a task that is {task.status} is not polled")
