"""How routes take a task and answer with one."""

from dataclasses import replace
from typing import Any

import orjson
import structlog
from fastapi import Response

from services.api.dependencies import AppContext
from services.api.http.media_types import JSON
from shared.domain.task import Task
from shared.presentation import serializers
from shared.runtime import tracing
from shared.store import TaskInsert


async def create_task(acceptance: TaskInsert, context: AppContext) -> Response:
    """Have the task written, and answer 202 with it."""
    accepted = await context.store.insert(replace(acceptance, trace=tracing.current_traceparent()))
    # The line about this request says it, whatever becomes of the answer.
    structlog.contextvars.bind_contextvars(accepted=accepted.task.id)
    headers = {"Location": f"/v1/tasks/{accepted.task.id}"}
    if accepted.replayed:
        structlog.contextvars.bind_contextvars(replayed=True)
        headers["Idempotent-Replayed"] = "true"
        body = await task_body(accepted.task, context)
    else:
        # The texts are those handed in: no read may fail now that the task is taken.
        body = serializers.task_detail(accepted.task, acceptance.conversation, None)
    return Response(orjson.dumps(body), 202, headers, JSON)


async def task_body(task: Task, context: AppContext) -> dict[str, Any]:
    """The task with its conversation, and with its answer if it has ended.

    Then it is read anew, all at one moment: a late answer comes with its cost and a new version.
    """
    if not task.is_terminal:
        return serializers.task_detail(task, await context.store.conversation(task.id), None)
    whole = await context.store.load_with_texts(task.id)
    return serializers.task_detail(whole.task, whole.conversation, whole.response)
