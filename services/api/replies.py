"""How routes take a task and answer with one."""

import orjson
from fastapi import Response

from services.api import views
from services.api.context import Context
from shared.response import Response as ProviderResponse
from shared.store import Acceptance
from shared.task import Task

JSON = "application/json"


async def accept(acceptance: Acceptance, context: Context) -> Response:
    """Have the task written, and answer 202 with it."""
    accepted = await context.store.accept(acceptance)
    headers = {"Location": f"/v1/tasks/{accepted.task.id}"}
    if accepted.replayed:
        headers["Idempotent-Replayed"] = "true"
    # The texts are those handed in: no read may fail now that the task is taken.
    body = await whole(accepted.task, acceptance.conversation, context)
    return Response(body, 202, headers, JSON)


async def whole(task: Task, conversation: bytes, context: Context) -> bytes:
    """The task's JSON, with its answer if it has ended."""
    body = await context.store.response(task.id) if task.ended else None
    response = None if body is None else ProviderResponse.parse(body)
    return orjson.dumps(views.whole(task, conversation, response))
