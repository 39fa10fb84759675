"""A response that turned up: named by a person or a webhook, checked, and attached to its task."""

from shared.domain.changes.change import Change, Field
from shared.domain.changes.deletion import continue_deletion
from shared.domain.changes.finish import WATCH_MS, TaskResult, answer_fields
from shared.domain.problem import Problem, problem_fields
from shared.domain.states import Status
from shared.domain.task import Task
from shared.queue import adopt_job, poll_job


def adopt(
    task: Task,
    response_id: str,
    delay: int,
    late: int,
    *,
    problem: Problem | None = None,
    progress: bool = True,
) -> Change:
    """Have a poller check in ``delay`` milliseconds whether the response is this task's.

    ``problem``: why the latest check could not read it.
    """
    _require_unconfirmed(task)
    generation = task.generation + 1
    return Change(
        task,
        Status.UNCONFIRMED,
        # A second job of the same generation may have refused the response in the meantime.
        expect={"generation": task.generation, "adopting": task.adopting},
        set_fields={
            "generation": generation,
            "adopting": response_id,
            "adoption_refused": None,
            **problem_fields(problem),
        },
        sweep_after=delay + late,
        job=adopt_job(task.id, generation, response_id, delay),
        visible=(response_id, problem) != (task.adopting, task.problem),
        progress=progress,
    )


def refuse_adoption(task: Task, message: str) -> Change:
    """Say why the response is not this task's; the task stays in doubt for its own reason."""
    _require_unconfirmed(task)
    return Change(
        task,
        Status.UNCONFIRMED,
        expect={"generation": task.generation, "adopting": task.adopting},
        set_fields={"adopting": None, "adoption_refused": message, **problem_fields(None)},
    )


def attach_response_id(
    task: Task, response_id: str, late: int, answer: TaskResult | None = None
) -> Change:
    """Add the response's id to a task that we ended before it was known, to stop and watch it.

    One that has ended with an ``answer`` needs neither. One that is being deleted is stopped and
    deleted.
    """
    if not task.is_terminal:
        raise ValueError(f"a task that is {task.status} is not at its end")
    expect: dict[str, Field] = {
        "response_id": None,
        "deletion_requested_at": task.deletion_requested_at,
    }
    put: dict[str, Field] = {"response_id": response_id, "cancel_pending": 1}
    if task.deletion_requested_at is not None:
        return continue_deletion(Change(task, task.status, expect=expect, set_fields=put))
    if answer is not None:
        known: dict[str, Field] = {
            "response_id": response_id,
            "provider_status": answer.provider_status,
        }
        return Change(
            task,
            task.status,
            expect=expect,
            set_fields=known | answer_fields(answer),
            response=answer.response,
            spend=answer.cost or 0,
        )
    generation = task.generation + 1
    return Change(
        task,
        task.status,
        expect=expect,
        set_fields={**put, "generation": generation, "polls": 0},
        set_times={"watch_until": WATCH_MS, "next_poll_at": 0},
        sweep_after=late,
        job=poll_job(task.id, generation, 1, 0),
    )


def attach_answer(task: Task, ending: TaskResult) -> Change:
    """Add what the provider made of a task after our own end, with its cost. The status stays."""
    if not task.is_terminal or task.watch_until is None:
        raise ValueError(f"a task that is {task.status} is not watched")
    return Change(
        task,
        task.status,
        expect={"watch_until": task.watch_until},
        set_fields={
            "watch_until": None,
            "cancel_pending": None if ending.provider_status else task.cancel_pending,
            "next_poll_at": None,
            "missing_since": None,
            "provider_status": ending.provider_status or task.provider_status,
            **answer_fields(ending),
            "polls": task.polls + 1,
        },
        set_times={"last_polled_at": 0},
        response=ending.response,
        spend=ending.cost or 0,
    )


def _require_unconfirmed(task: Task) -> None:
    if task.status is not Status.UNCONFIRMED:
        raise ValueError(f"{task.status} may not become {Status.UNCONFIRMED} by adoption")
