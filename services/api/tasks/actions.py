"""Changes a task that a person or a program acts on."""

from collections.abc import Callable

from services.api.auth.principal import Principal
from services.api.dependencies import AppContext, load_task
from services.api.problems.errors import InvalidState
from shared.domain import changes
from shared.domain.changes import Change
from shared.domain.states import Status
from shared.domain.task import Task

STALE_AFTER_MS = 25_000
"""After this long the sweep repeats a check or a cancellation that no poller finished."""

NOT_TRIED = "Delete it first. `here_only` is for a deletion that was not confirmed."
DELETION_HINTS = {Status.UNCONFIRMED: "Abandon it first."}


async def apply_change(
    task_id: str,
    context: AppContext,
    principal: Principal,
    make: Callable[[Task], Change | None],
) -> Task:
    """Apply the change that ``make`` returns; repeat if the task changed in between.

    Raises TaskNotFound, and what ``make`` raises.
    """
    while True:
        task = await load_task(task_id, context, principal)
        change = make(task)
        after = task if change is None else await context.store.apply(change, durable=True)
        if after:
            return after


def cancellation(task: Task) -> Change | None:
    """The change that cancels the task; None if it is cancelled. Raises InvalidState."""
    if task.status is Status.CANCELLED:
        return None
    if task.is_terminal:
        raise InvalidState(task.status, "It has ended already, and ended tasks do not change.")
    return changes.cancel(task, STALE_AFTER_MS)


def deletion(task: Task) -> Change | None:
    """The change that has the task deleted; None if that is requested. Raises InvalidState."""
    if not task.is_terminal:
        raise InvalidState(task.status, DELETION_HINTS.get(task.status, "Cancel it first."))
    return None if task.deletion_requested_at is not None else changes.request_deletion(task)


def deletion_here(task: Task) -> Change | None:
    """The change that completes a failed deletion here only; None if that is requested.

    Raises InvalidState.
    """
    if not task.deletion_attempts:
        raise InvalidState(task.status, NOT_TRIED)
    return None if task.deletion_here_only else changes.delete_here_only(task)
