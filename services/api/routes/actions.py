"""Actions on a task: cancel, retry, and the decisions on an unconfirmed one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from services.api.auth.principal import Principal, PrincipalDep
from services.api.dependencies import AppContext, ContextDep, IdempotencyKey, TaskId, load_task
from services.api.http.media_types import JSON
from services.api.problems.errors import InvalidState
from services.api.problems.openapi import (
    BODY_PROBLEMS,
    LIMIT_PROBLEMS,
    LOCATION,
    TASK_PROBLEMS,
    problem_responses,
    task_links,
)
from services.api.routes.action_route import ActionRoute
from services.api.schemas.conversation import StrictModel
from services.api.schemas.task import ResponseId, TaskOut
from services.api.tasks.actions import STALE_AFTER_MS, apply_change, cancellation
from services.api.tasks.create import create_task, task_json
from shared.domain import changes
from shared.domain.changes import Change
from shared.domain.states import Status
from shared.domain.task import Task
from shared.store import TaskInsert

router = APIRouter(prefix="/v1/tasks/{task_id}", tags=["actions"], route_class=ActionRoute)

_PROBLEMS = (*TASK_PROBLEMS, "invalid-state", "too-large")
ACTION_RESPONSES = problem_responses(*_PROBLEMS)


class AdoptRequest(StrictModel):
    """The response that belongs to this task."""

    response_id: Annotated[ResponseId, Field(examples=["resp_0389930dd33170b8"])]


@router.post("/cancel", response_model=TaskOut, responses=ACTION_RESPONSES)
async def cancel_task(task_id: TaskId, context: ContextDep, principal: PrincipalDep) -> Response:
    """Cancel a task, also at OpenAI if it was sent there. A task that was not sent costs nothing.

    The status is final at once. An answer that OpenAI still produced, and its cost, is added later.
    """
    return await _apply_action(task_id, context, principal, cancellation)


@router.post("/abandon", response_model=TaskOut, responses=ACTION_RESPONSES)
async def abandon_task(task_id: TaskId, context: ContextDep, principal: PrincipalDep) -> Response:
    """Abandon an unconfirmed task: it ends as `failed` with the code `abandoned`."""
    return await _apply_action(task_id, context, principal, _abandon)


@router.post(
    "/adopt",
    status_code=202,
    response_model=TaskOut,
    responses=problem_responses(*_PROBLEMS, *BODY_PROBLEMS),
)
async def adopt_response(
    task_id: TaskId, adopt: AdoptRequest, context: ContextDep, principal: PrincipalDep
) -> Response:
    """Name the response that belongs to an unconfirmed task.

    A poller retrieves it and compares `metadata.task_id`; `adopting` is set meanwhile. Then the
    task is `in_progress`, or still `unconfirmed` and `adoption_refused` says why.
    """

    def change(task: Task) -> Change | None:
        _require_status(task, Status.UNCONFIRMED)
        return changes.adopt(task, adopt.response_id, 0, STALE_AFTER_MS)

    return await _apply_action(task_id, context, principal, change, status=202)


@router.post(
    "/retry",
    status_code=202,
    response_model=TaskOut,
    responses=problem_responses(*_PROBLEMS, "invalid-request", *LIMIT_PROBLEMS)
    | {202: {"headers": LOCATION, "links": task_links()}},
)
async def retry_task(
    task_id: TaskId,
    context: ContextDep,
    principal: PrincipalDep,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Submit the conversation again as a new task, with a cost of its own.

    An unconfirmed task may already have been paid for, so this may pay twice. It ends as `failed`
    with the code `superseded`, and has one successor however often this is called.
    """
    task = await load_task(task_id, context, principal)
    if not (task.is_terminal or task.status is Status.UNCONFIRMED):
        raise InvalidState(task.status, "Cancel it first, or wait until it ends.")
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
        webhook_endpoint=task.webhook_endpoint,
    )
    if task.status is not Status.UNCONFIRMED and task.error_code != "superseded":
        return await create_task(acceptance, context)
    # An unconfirmed task has one successor, whatever the clients' keys. The successor takes its
    # place, so it does not count against the limit of open tasks.
    successor = replace(
        acceptance,
        idempotency_key=f"\0successor of {task.id}",
        replaced=task.status is Status.UNCONFIRMED,
    )
    reply = await create_task(successor, context)
    if task.status is Status.UNCONFIRMED:
        successor_id = reply.headers["location"].rpartition("/")[2]
        await context.store.apply(changes.supersede(task, successor_id), durable=True)
    return reply


def _abandon(task: Task) -> Change | None:
    if task.error_code == "abandoned":
        return None
    _require_status(task, Status.UNCONFIRMED)
    return changes.abandon(task)


def _require_status(task: Task, status: Status) -> None:
    if task.status is not status:
        raise InvalidState(task.status, f"Only tasks that are {status} allow this action.")


async def _apply_action(
    task_id: str,
    context: AppContext,
    principal: Principal,
    make: Callable[[Task], Change | None],
    status: int = 200,
) -> Response:
    task = await apply_change(task_id, context, principal, make)
    _, body = await task_json(task, context)
    return Response(body, status, media_type=JSON)
