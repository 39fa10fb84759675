"""Lists the thread of a task: all follow-ups and retries that it is connected with."""

import orjson
from fastapi import APIRouter, Response

from services.api.auth.principal import PrincipalDep
from services.api.dependencies import ContextDep, TaskDep
from services.api.http.media_types import JSON
from services.api.problems.openapi import TASK_PROBLEMS, problem_responses
from services.api.schemas.task import ThreadOut
from services.api.tasks.thread import thread
from shared.presentation import serializers

router = APIRouter(prefix="/v1/tasks/{task_id}/thread", tags=["threads"])


@router.get("", response_model=ThreadOut, responses=problem_responses(*TASK_PROBLEMS))
async def read_thread(task: TaskDep, context: ContextDep, principal: PrincipalDep) -> Response:
    """List all tasks connected by follow-ups (`parent_id`) and retries (`retry_of`)."""
    found = await thread(task, context.store, principal.can_view)
    body = {
        "root": found.root,
        "data": [serializers.task_summary(one) | {"messages": one.messages} for one in found.tasks],
        "truncated": found.truncated,
    }
    return Response(orjson.dumps(body), media_type=JSON)
