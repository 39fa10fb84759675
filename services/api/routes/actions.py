"""What a person may decide about a task: stop it, or lead it out of uncertainty."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

import orjson
from fastapi import APIRouter, Response
from pydantic import Field

from services.api.auth.principal import Caller, CallerDep
from services.api.dependencies import Context, ContextDep, IdempotencyKey, TaskId, load_task
from services.api.http.media_types import JSON
from services.api.problems.errors import InvalidState
from services.api.problems.openapi import LOCATION, OF_A_BODY, OF_A_TASK, documented, onward
from services.api.schemas.conversation import StrictModel
from services.api.schemas.task import TaskOut
from services.api.tasks.create import accept, shown
from shared.domain import changes
from shared.domain.changes import Change
from shared.domain.states import Status
from shared.domain.task import Task
from shared.store import TaskInsert

router = APIRouter(prefix="/v1/tasks/{task_id}", tags=["actions"])

LATE = 25_000
"""Milliseconds after which the sweep takes a check or a cancellation for lost."""

_DECIDED = (*OF_A_TASK, "cross-origin", "invalid-state")
DECISION = documented(*_DECIDED)

RESPONSE_ID = r"^resp_[A-Za-z0-9_-]{1,200}$"


class Adopt(StrictModel):
    """The response that is said to be this task's."""

    response_id: Annotated[str, Field(pattern=RESPONSE_ID, examples=["resp_0389930dd33170b8"])]


@router.post("/cancel", response_model=TaskOut, responses=DECISION)
async def cancel_task(task_id: TaskId, context: ContextDep, caller: CallerDep) -> Response:
    """Stop a task. What was never sent costs nothing; what was sent is stopped at OpenAI too.

    The state is final at once. What OpenAI made of it after all, and its cost, is added later.
    """
    return await _decide(task_id, context, caller, _cancel)


@router.post("/abandon", response_model=TaskOut, responses=DECISION)
async def abandon_task(task_id: TaskId, context: ContextDep, caller: CallerDep) -> Response:
    """Give up an unconfirmed task: it ends as `failed` with the code `abandoned`."""
    return await _decide(task_id, context, caller, _abandon)


@router.post(
    "/adopt",
    status_code=202,
    response_model=TaskOut,
    responses=documented(*_DECIDED, *OF_A_BODY),
)
async def adopt_response(
    task_id: TaskId, adopt: Adopt, context: ContextDep, caller: CallerDep
) -> Response:
    """Say which response is an unconfirmed task's.

    A poller retrieves it and compares `metadata.task_id`: then the task is `in_progress`, or still
    `unconfirmed`, and `adoption_refused` says why. `adopting` is set in between.
    """

    def change(task: Task) -> Change | None:
        _require(task, Status.UNCONFIRMED)
        return changes.adopt(task, adopt.response_id, 0, LATE)

    return await _decide(task_id, context, caller, change, status=202)


@router.post(
    "/retry",
    status_code=202,
    response_model=TaskOut,
    responses=documented(*_DECIDED, "invalid-request", "too-many-open-tasks")
    | {202: {"headers": LOCATION, "links": onward()}},
)
async def retry_task(
    task_id: TaskId, context: ContextDep, caller: CallerDep, idempotency_key: IdempotencyKey = None
) -> Response:
    """Send the conversation again as a new task, with a cost of its own.

    An unconfirmed task may have been paid for already, so this may pay twice; it ends as `failed`
    with the code `superseded`, and is sent again once however often this is called.
    """
    task = await load_task(task_id, context, caller)
    if not (task.is_terminal or task.status is Status.UNCONFIRMED):
        raise InvalidState(task.status, "It is still under way; cancel it first.")
    acceptance = TaskInsert(
        context.new_task_id(),
        context.settings.provider,
        task.title,
        await context.store.conversation(task.id),
        limit=context.settings.max_open_tasks,
        parent_id=task.parent_id,
        retry_of=task.id,
        owner=task.owner,
        idempotency_key=idempotency_key,
    )
    if task.status is not Status.UNCONFIRMED and task.error_code != "superseded":
        return await accept(acceptance, context)
    # However many clicks and whatever their keys, one uncertain task has one successor. It takes
    # the place of the old one, so it is not one open task too many.
    successor = replace(
        acceptance,
        idempotency_key=f"\0successor of {task.id}",
        limit=acceptance.limit + (task.status is Status.UNCONFIRMED),
    )
    reply = await accept(successor, context)
    if task.status is Status.UNCONFIRMED:
        successor_id = reply.headers["location"].rpartition("/")[2]
        await context.store.apply(changes.supersede(task, successor_id), durable=True)
    return reply


def _cancel(task: Task) -> Change | None:
    if task.status is Status.CANCELLED:
        return None
    if task.is_terminal:
        raise InvalidState(task.status, "It has ended already.")
    return changes.cancel(task, LATE)


def _abandon(task: Task) -> Change | None:
    if task.error_code == "abandoned":
        return None
    _require(task, Status.UNCONFIRMED)
    return changes.abandon(task)


def _require(task: Task, status: Status) -> None:
    if task.status is not status:
        raise InvalidState(task.status, f"Only a task that is {status} can be led on like this.")


async def _decide(
    task_id: str,
    context: Context,
    caller: Caller,
    decide: Callable[[Task], Change | None],
    status: int = 200,
) -> Response:
    """Carry out what ``decide`` makes of the task, anew where it moved on in between."""
    while True:
        task = await load_task(task_id, context, caller)
        change = decide(task)
        after = task if change is None else await context.store.apply(change, durable=True)
        if after:
            body = await shown(after, context)
            return Response(orjson.dumps(body), status, media_type=JSON)
