"""Creates tasks, and builds the body that shows a task."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import orjson
import structlog
from fastapi import Response

from services.api.dependencies import AppContext
from services.api.http.media_types import JSON
from shared.domain.task import Task
from shared.presentation import serializers
from shared.runtime import tracing
from shared.store import InsertResult, TaskInsert

T = TypeVar("T")


async def insert_task(acceptance: TaskInsert, context: AppContext) -> InsertResult:
    """Write the task to Redis, on disk before this returns. Raises as ``Store.insert`` does."""
    accepted = await context.store.insert(
        replace(
            acceptance,
            owner_limit=context.share_of_open_tasks(acceptance.owner),
            owner_max_bytes=context.share_of_bytes(acceptance.owner),
            trace=tracing.current_traceparent(),
        )
    )
    # For the log line of this request, even if the client does not receive the response.
    structlog.contextvars.bind_contextvars(accepted=accepted.task.id)
    if accepted.replayed:
        structlog.contextvars.bind_contextvars(replayed=True)
    return accepted


async def create_task(acceptance: TaskInsert, context: AppContext) -> Response:
    """Write the task to Redis, and respond 202 with it."""
    accepted = await insert_task(acceptance, context)
    headers = {"Location": f"{context.settings.root_path}/v1/tasks/{accepted.task.id}"}
    if accepted.replayed:
        headers["Idempotent-Replayed"] = "true"
        _, body = await task_json(accepted.task, context)
    else:
        # From the texts sent: after the write no read may fail.
        body = _encode(accepted.task, acceptance.conversation, None)
    return Response(body, 202, headers, JSON)


async def task_json(task: Task, context: AppContext) -> tuple[Task, bytes]:
    """The task as JSON with its texts, and as it was when these were read."""
    return await _with_texts(task, context, _encode)


async def task_body(task: Task, context: AppContext) -> dict[str, Any]:
    """The same, parsed."""
    _, body = await _with_texts(task, context, serializers.task_detail)
    return body


async def _with_texts(
    task: Task, context: AppContext, show: Callable[[Task, bytes, bytes | None], T]
) -> tuple[Task, T]:
    """Load the conversation, and the answer if the task has ended.

    An ended task is loaded again with its texts in one read: a late answer changes it.
    """
    response = None
    if task.is_terminal:
        whole = await context.store.load_with_texts(task.id)
        task, conversation, response = whole.task, whole.conversation, whole.response
    else:
        conversation = await context.store.conversation(task.id)
    size = len(conversation) + len(response or b"")
    return task, await context.process_text(task.owner, size, show, task, conversation, response)


def _encode(task: Task, conversation: bytes, response: bytes | None) -> bytes:
    return orjson.dumps(
        serializers.task_detail(task, conversation, response, parse=orjson.Fragment)
    )
