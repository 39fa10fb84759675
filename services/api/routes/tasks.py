"""Tasks: hand one in, list them, read one."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response

from services.api import conversation, views
from services.api.caller import Caller, CallerDep
from services.api.context import Context, ContextDep, IdempotencyKey, TaskDep, load_task
from services.api.problems import InvalidRequest
from services.api.replies import JSON, accept, whole
from services.api.routes.responses import documented
from services.api.schemas import NewTask, PageOut, TaskOut
from shared.errors import TaskNotFound
from shared.states import Status
from shared.store import Acceptance

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])


@router.post(
    "",
    status_code=202,
    response_model=TaskOut,
    responses=documented(400, 403, 413, 422, 429, 503),
)
async def submit_task(
    new: NewTask, context: ContextDep, caller: CallerDep, idempotency_key: IdempotencyKey = None
) -> Response:
    """Hand in a conversation. It is on disk when this answers; then you may go away."""
    messages = conversation.normalise(new.input)
    if complaints := list(conversation.complaints(messages)):
        raise InvalidRequest(complaints)
    await _check_parent(new.parent_id, context, caller)
    acceptance = Acceptance(
        context.new_task_id(),
        context.settings.provider,
        new.title or conversation.default_title(messages),
        orjson.dumps(messages),
        limit=context.settings.max_open_tasks,
        parent_id=new.parent_id,
        owner=caller.owner,
        idempotency_key=idempotency_key,
        budget=context.settings.daily_budget,
    )
    return await accept(acceptance, context)


@router.get("", response_model=PageOut, responses=documented(422, 503))
async def list_tasks(
    context: ContextDep,
    caller: CallerDep,
    status: Annotated[Status | None, Query(description="Only tasks in this state.")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[
        str | None, Query(pattern=r"^[0-9]{1,15}$", description="`next_cursor` of the page before.")
    ] = None,
) -> Response:
    """List tasks, newest first. A page neither skips nor repeats when tasks are added meanwhile."""
    page = await context.store.page(
        status=status,
        cursor=None if cursor is None else int(cursor),
        limit=limit,
        owner=caller.sees,
    )
    body = {
        "data": [views.summary(task) for task in page.tasks],
        "next_cursor": None if page.cursor is None else str(page.cursor),
    }
    return Response(orjson.dumps(body), media_type=JSON)


@router.get(
    "/{task_id}",
    response_model=TaskOut,
    responses=documented(404, 503) | {304: {"description": "Unchanged"}},
)
async def read_task(task: TaskDep, context: ContextDep, request: Request) -> Response:
    """Read a task. The ETag changes whenever there is news; a poll without news is none."""
    headers = {"ETag": f'W/"{task.version}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    text = await context.store.conversation(task.id)
    return Response(await whole(task, text, context), 200, headers, JSON)


async def _check_parent(parent_id: str | None, context: Context, caller: Caller) -> None:
    if parent_id is None:
        return
    try:
        await load_task(parent_id, context, caller)
    except TaskNotFound:
        raise InvalidRequest([("parent_id", "There is no task with this id.")]) from None
