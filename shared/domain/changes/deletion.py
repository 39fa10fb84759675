"""Deletion: asked for by a person, tried until the provider's side is settled, then carried out.

The record stays, and says how far it is, until nothing of the task is known to be at the provider.
"""

from dataclasses import replace

from shared.domain.changes.change import Change
from shared.domain.task import Task
from shared.queue import delete_job

DELETION_STALE_MS = 60_000
"""Milliseconds after which a silent attempt counts as lost; no job lives longer."""


def request_deletion(task: Task) -> Change:
    """Have a poller delete the task. It is watched no more: what it cost may stay unknown."""
    if not task.is_terminal:
        raise ValueError(f"a task that is {task.status} is not at its end")
    asked = Change(
        task,
        task.status,
        expect={"generation": task.generation, "deletion_requested_at": None},
        set_fields={"watch_until": None, "next_poll_at": None, "missing_since": None},
        set_times={"deletion_requested_at": 0},
    )
    return continue_deletion(asked)


def delete_here_only(task: Task) -> Change:
    """Have a poller delete what is here and leave the provider's side as unknown.

    It is a person's word after an attempt that could not be confirmed.
    """
    if not task.deletion_attempts:
        raise ValueError("no attempt to delete this task has failed")
    change = Change(
        task,
        task.status,
        expect={"generation": task.generation, "deletion_attempts": task.deletion_attempts},
        set_fields={"deletion_here_only": 1},
    )
    return continue_deletion(change)


def retry_deletion(
    task: Task,
    problem: str | None,
    after: int,
    *,
    acknowledged: bool = False,
    progress: bool = True,
) -> Change:
    """Note an attempt in vain, and make the next one in ``after`` milliseconds.

    ``acknowledged``: the provider said in this attempt that it deleted the response.
    """
    if task.deletion_requested_at is None:
        raise ValueError("nobody wants this task deleted")
    attempts = task.deletion_attempts + 1
    return Change(
        task,
        task.status,
        expect={"generation": task.generation, "deletion_attempts": _kept(task.deletion_attempts)},
        set_fields={
            "deletion_attempts": attempts,
            "deletion_problem": problem,
            "deletion_acknowledged": 1 if acknowledged else task.deletion_acknowledged,
        },
        sweep_after=after + DELETION_STALE_MS,
        job=delete_job(task.id, task.generation, attempts, after),
        progress=progress,
    )


def continue_deletion(change: Change) -> Change:
    """The same change, after which the deletion goes on at once from what is known then."""
    task = change.task
    generation = task.generation + 1
    return replace(
        change,
        set_fields={**change.set_fields, "generation": generation},
        sweep_after=DELETION_STALE_MS,
        job=delete_job(task.id, generation, task.deletion_attempts, 0),
    )


def _kept(attempts: int) -> int | None:
    """As it stands in the record, which has no field before the first attempt."""
    return attempts or None
