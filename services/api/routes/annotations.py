"""Renames, pins and archives a task and marks it as read, so that it is so in every browser."""

import orjson
from fastapi import APIRouter, Response

from services.api.auth.principal import PrincipalDep
from services.api.dependencies import ContextDep, TaskDep
from services.api.http.media_types import JSON
from services.api.problems.openapi import BODY_PROBLEMS, TASK_PROBLEMS, problem_responses
from services.api.routes.action_route import ActionRoute
from services.api.schemas.task import TaskOut, TaskUpdate
from services.api.tasks.create import task_body

router = APIRouter(prefix="/v1/tasks/{task_id}", tags=["tasks"], route_class=ActionRoute)


@router.patch(
    "", response_model=TaskOut, responses=problem_responses(*BODY_PROBLEMS, *TASK_PROBLEMS)
)
async def update_task(
    task: TaskDep, context: ContextDep, principal: PrincipalDep, update: TaskUpdate
) -> Response:
    """Rename, pin or archive a task, or mark it as read. Its course is not affected.

    A task that an admin reads stays unread for its owner.
    """
    marks = update.model_dump(exclude_none=True)
    if task.owner != principal.owner:
        marks.pop("read", None)
    if marks:
        task = await context.store.annotate(task, marks)
    return Response(orjson.dumps(await task_body(task, context)), media_type=JSON)
