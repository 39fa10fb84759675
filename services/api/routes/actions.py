"""What a person may decide about a task: stop it, or lead it out of uncertainty."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

import orjson
from fastapi import APIRouter, Response
from pydantic import Field

from services.api.auth.principal import Principal, PrincipalDep
from services.api.dependencies import AppContext, ContextDep, IdempotencyKey, TaskId, load_task
from services.api.http.media_types import JSON
from services.api.problems.errors import InvalidState
from services.api.problems.openapi import (
    BODY_PROBLEMS,
    LOCATION,
    TASK_PROBLEMS,
    problem_responses,
    task_links,
)
from services.api.schemas.conversation import StrictModel
from services.api.schemas.task import TaskOut
from services.api.tasks.create import create_task, task_body
from shared.domain import changes
from shared.domain.changes import Change
from shared.domain.states import Status
from shared.domain.task import Task
from shared.store import TaskInsert

router = APIRouter(prefix="/v1/tasks/{task_id}", tags=["actions"])

STALE_AFTER_MS = 25_000
"""Milliseconds after which the sweep takes a check or a cancellation for lost."""

_DECIDED = (*TASK_PROBLEMS, "cross-origin", "invalid-state")
DECISION = problem_responses(*_DECIDED)

RESPONSE_ID = r"^resp_[A-Za-z0-9_-]{1,200}$"


class AdoptRequest(StrictModel):
    """The response that is said to be this task's."""

    response_id: Annotated[str, Field(pattern=RESPONSE_ID, examples=["resp_0389930dd33170b8"])]


@router.post("/cancel", response_model=TaskOut, responses=DECISION)
async def cancel_task(task_id: TaskId, context: ContextDep, principal: PrincipalDep) -> Response:
    """Stop a task. What was never sent costs nothing; what was sent is stopped at OpenAI too.

    The state is final at once. What OpenAI made of it after all, and its cost, is added later.
    """
    return await _apply_action(task_id, context, principal, _cancel)


@router.post("/abandon", response_model=TaskOut, responses=DECISION)
async def abandon_task(task_id: TaskId, context: ContextDep, principal: PrincipalDep) -> Response:
    """Give up an unconfirmed task: it ends as `failed` with the code `abandoned`."""
    return await _apply_action(task_id, context, principal, _abandon)


@router.post(
    "/adopt",
    status_code=202,
    response_model=TaskOut,
    responses=problem_responses(*_DECIDED, *BODY_PROBLEMS),
)
async def adopt_response(
    task_id: TaskId, adopt: AdoptRequest, context: ContextDep, principal: PrincipalDep
) -> Response:
    """Say which response is an unconfirmed task's.

    A poller retrieves it and compares `metadata.task_id`: then the task is `in_progress`, or still
    `unconfirmed`, and `adoption_refused` says why. `adopting` is set in between.
    """

    def change(task: Task) -> Change | None:
        _require_status(task, Status.UNCONFIRMED)
        return changes.adopt(task, adopt.response_id, 0, STALE_AFTER_MS)

    return await _apply_action(task_id, context, principal, change, status=202)


@router.post(
    "/retry",
    status_code=202,
    response_model=TaskOut,
    responses=problem_responses(*_DECIDED, "invalid-request", "too-many-open-tasks")
    | {202: {"headers": LOCATION, "links": task_links()}},
)
async def retry_task(
    task_id: TaskId,
    context: ContextDep,
    principal: PrincipalDep,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Send the conversation again as a new task, with a cost of its own.

    An unconfirmed task may have been paid for already, so this may pay twice; it ends as `failed`
    with the code `superseded`, and is sent again once however often this is called.
    """
    task = await load_task(task_id, context, principal)
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
        return await create_task(acceptance, context)
    # However many clicks and whatever their keys, one uncertain task has one successor. It takes
    # the place of the old one, so it is not one open task too many.
    successor = replace(
        acceptance,
        idempotency_key=f"\0successor of {task.id}",
        limit=acceptance.limit + (task.status is Status.UNCONFIRMED),
    )
    reply = await create_task(successor, context)
    if task.status is Status.UNCONFIRMED:
        successor_id = reply.headers["location"].rpartition("/")[2]
        await context.store.apply(changes.supersede(task, successor_id), durable=True)
    return reply


def _cancel(task: Task) -> Change | None:
    if task.status is Status.CANCELLED:
        return None
    if task.is_terminal:
        raise InvalidState(task.status, "It has ended already.")
    return changes.cancel(task, STALE_AFTER_MS)


def _abandon(task: Task) -> Change | None:
    if task.error_code == "abandoned":
        return None
    _require_status(task, Status.UNCONFIRMED)
    return changes.abandon(task)


def _require_status(task: Task, status: Status) -> None:
    if task.status is not status:
        raise InvalidState(task.status, f"Only a task that is {status} can be led on like this.")


async def _apply_action(
    task_id: str,
    context: AppContext,
    principal: Principal,
    decide: Callable[[Task], Change | None],
    status: int = 200,
) -> Response:
    """Carry out what ``decide`` makes of the task, anew where it moved on in between."""
    while True:
        task = await load_task(task_id, context, principal)
        change = decide(task)
        after = task if change is None else await context.store.apply(change, durable=True)
        if after:
            body = await task_body(after, context)
            return Response(orjson.dumps(body), status, media_type=JSON)
