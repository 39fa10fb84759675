"""Requests the deletion of a task, which a poller then carries out, and returns its receipt."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response

from services.api.auth.principal import PrincipalDep
from services.api.dependencies import ContextDep, TaskId
from services.api.http.media_types import JSON
from services.api.problems.openapi import problem_responses
from services.api.routes.action_route import ActionRoute
from services.api.schemas.deletion import DeletionReceipt
from services.api.schemas.task import TaskOut
from services.api.tasks.actions import apply_change, deletion, deletion_here
from services.api.tasks.create import task_json
from shared.domain.errors import TaskDeleted
from shared.presentation import serializers

router = APIRouter(prefix="/v1/tasks/{task_id}", tags=["tasks"], route_class=ActionRoute)

HereOnly = Annotated[
    bool, Query(description="Give up the deletion at OpenAI, after an attempt that failed.")
]


@router.delete(
    "",
    status_code=202,
    response_model=TaskOut,
    responses={
        200: {"model": DeletionReceipt, "description": "Deleted"},
        202: {"description": "Deletion in progress"},
        **problem_responses("task-not-found", "invalid-state", "invalid-request", "too-large"),
    },
)
async def delete_task(
    task_id: TaskId, context: ContextDep, principal: PrincipalDep, *, here_only: HereOnly = False
) -> Response:
    """Delete a task that has ended: first at OpenAI, where that is verified, then here.

    A deletion that could not be verified (`deletion.problem`) is tried again; with `here_only` it
    is then completed here, and the receipt says that nothing is known of OpenAI's side.

    `deletion` shows the progress. Afterwards every call on the task answers 410 with the receipt,
    and this call answers 200 with it. Receipt and idempotency key are kept for 30 days.
    """
    try:
        task = await apply_change(
            task_id, context, principal, deletion_here if here_only else deletion
        )
        _, body = await task_json(task, context)
        return Response(body, 202, media_type=JSON)
    except TaskDeleted as error:
        return Response(
            orjson.dumps(serializers.deletion_receipt(error.tombstone)), media_type=JSON
        )
