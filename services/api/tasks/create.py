"""Creates tasks, and builds the body that shows a task."""

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
from shared.store import InsertResult, TaskInsert


async def insert_task(acceptance: TaskInsert, context: AppContext) -> InsertResult:
    """Write the task to Redis, on disk before this returns. Raises as ``Store.insert`` does."""
    accepted = await context.store.insert(replace(acceptance, trace=tracing.current_traceparent()))
    # For the log line of this request, even if the client does not receive the response.
    structlog.contextvars.bind_contextvars(accepted=accepted.task.id)
    if accepted.replayed:
        structlog.contextvars.bind_contextvars(replayed=True)
    return accepted


async def create_task(acceptance: TaskInsert, context: AppContext) -> Response:
    """Write the task to Redis, and respond 202 with it."""
    accepted = await insert_task(acceptance, context)
    headers = {"Location": f"/v1/tasks/{accepted.task.id}"}
    if accepted.replayed:
        headers["Idempotent-Replayed"] = "true"
        body = await task_body(accepted.task, context)
    else:
        # From the texts sent: after the write no read may fail.
        body = serializers.task_detail(accepted.task, acceptance.conversation, None)
    return Response(orjson.dumps(body), 202, headers, JSON)


async def task_body(task: Task, context: AppContext) -> dict[str, Any]:
    """The task with its conversation, and with its answer if it has ended.

    An ended task is loaded again with its texts in one read: a late answer changes it.
    """
    if not task.is_terminal:
        return serializers.task_detail(task, await context.store.conversation(task.id), None)
    whole = await context.store.load_with_texts(task.id)
    return serializers.task_detail(whole.task, whole.conversation, whole.response)
