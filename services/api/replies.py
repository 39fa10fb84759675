"""How routes take a task and answer with one."""

from dataclasses import replace
from typing import Any

import orjson
import structlog
from fastapi import Response

from services.api.context import Context
from shared import tracing, views
from shared.response import Response as ProviderResponse
from shared.store import Acceptance
from shared.task import Task

JSON = "application/json"


async def accept(acceptance: Acceptance, context: Context) -> Response:
    """Have the task written, and answer 202 with it."""
    accepted = await context.store.accept(replace(acceptance, trace=tracing.carried()))
    # The line about this request says it, whatever becomes of the answer.
    structlog.contextvars.bind_contextvars(accepted=accepted.task.id)
    headers = {"Location": f"/v1/tasks/{accepted.task.id}"}
    if accepted.replayed:
        structlog.contextvars.bind_contextvars(replayed=True)
        headers["Idempotent-Replayed"] = "true"
    # The texts are those handed in: no read may fail now that the task is taken.
    body = await whole(accepted.task, acceptance.conversation, context)
    return Response(body, 202, headers, JSON)


async def whole(task: Task, conversation: bytes, context: Context) -> bytes:
    """The task's JSON, with its answer if it has ended."""
    return orjson.dumps(await shown(task, conversation, context))


async def shown(task: Task, conversation: bytes, context: Context) -> dict[str, Any]:
    """The task with its conversation, and with its answer if it has ended."""
    body = await context.store.response(task.id) if task.ended else None
    response = None if body is None else ProviderResponse.parse(body)
    return views.whole(task, conversation, response)
