"""Deleting a task: asked for here, done by a poller at the provider first, ends in a receipt."""

import orjson
from fastapi import APIRouter, Response

from services.api.auth.principal import PrincipalDep
from services.api.dependencies import AppContext, ContextDep, TaskId, load_task
from services.api.http.media_types import JSON
from services.api.problems.errors import InvalidState
from services.api.problems.openapi import problem_responses
from services.api.schemas.task import DeletionReceipt, TaskOut
from services.api.tasks.create import task_body
from shared.domain import changes
from shared.domain.errors import TaskDeleted
from shared.domain.states import Status
from shared.domain.task import Task
from shared.presentation import serializers

router = APIRouter(prefix="/v1/tasks/{task_id}", tags=["tasks"])

REMEDIES = {Status.UNCONFIRMED: "Abandon it first, if you give it up."}


@router.delete(
    "",
    status_code=202,
    response_model=TaskOut,
    responses={
        200: {"model": DeletionReceipt, "description": "It has been deleted"},
        202: {"description": "It is being deleted"},
        **problem_responses("task-not-found", "cross-origin", "invalid-state"),
    },
)
async def delete_task(task_id: TaskId, context: ContextDep, principal: PrincipalDep) -> Response:
    """Delete a task that has ended: at OpenAI, verified there, and then everything here.

    `deletion` says how far it is. Afterwards every call on the task answers 410 with the receipt,
    which is kept for 30 days as is the task's idempotency key; this call answers 200 with it.
    """
    try:
        while True:
            task = await load_task(task_id, context, principal)
            after = await _requested(task, context)
            if after:
                body = await task_body(after, context)
                return Response(orjson.dumps(body), 202, media_type=JSON)
    except TaskDeleted as error:
        return Response(
            orjson.dumps(serializers.deletion_receipt(error.tombstone)), media_type=JSON
        )


async def _requested(task: Task, context: AppContext) -> Task | None:
    """The task with its deletion under way; None where it moved on in between."""
    if not task.is_terminal:
        raise InvalidState(task.status, REMEDIES.get(task.status, "Cancel it first."))
    if task.deletion_requested_at is not None:
        return task
    return await context.store.apply(changes.request_deletion(task), durable=True)
