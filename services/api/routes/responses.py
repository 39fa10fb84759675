"""OpenAI's Responses API, as a view of the tasks: for the clients that exist."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from services.api.auth.principal import Principal, PrincipalDep
from services.api.dependencies import AppContext, ContextDep, IdempotencyKey, load_task
from services.api.http.media_types import JSON
from services.api.problems.errors import InvalidRequest, ResponseNotFound, TooManySubscribers
from services.api.problems.openapi import LIMIT_PROBLEMS, Responses, problem_responses
from services.api.responses_api.conversation import conversation, has_instructions, input_items
from services.api.responses_api.held_response import HeldResponse
from services.api.responses_api.ids import to_task_id
from services.api.responses_api.response_object import response_json
from services.api.routes.openai_route import OpenAIRoute
from services.api.schemas.responses import (
    RESPONSE_ID,
    InputItemsOut,
    ResponseCreate,
    ResponseDeleted,
    ResponseOut,
)
from services.api.tasks.actions import apply_change, cancellation, deletion
from services.api.tasks.conversation import default_title
from services.api.tasks.create import insert_task
from services.api.tasks.wait import wait_for_change
from shared.domain.errors import TaskNotFound
from shared.domain.task import Task
from shared.store import TaskInsert, TaskWithTexts, Unkeyed

router = APIRouter(prefix="/v1/responses", tags=["OpenAI"], route_class=OpenAIRoute)

_BODY_PROBLEMS = (
    *("malformed-body", "unsupported-media-type", "too-large"),
    *("invalid-parameter", "too-many-event-subscribers"),
)

DELETION_WAIT_S = 10
"""A deletion that takes longer is answered before it is done."""

MAX_STARTING_AFTER = 2**53

RetryCount = Annotated[str, Header(alias="X-Stainless-Retry-Count", include_in_schema=False)]
"""OpenAI's SDKs count their attempts with it, from 0."""

StartingAfter = Annotated[
    int | None,
    Query(
        ge=0,
        le=MAX_STARTING_AFTER,
        description="`sequence_number` of the last event received; the stream continues after it.",
    ),
]

_EVENTS = {"text/event-stream": {"schema": {"type": "string"}}}
_HELD: Responses = {
    200: {
        "content": _EVENTS,
        "description": "The response; with `stream`, OpenAI's events.",
    }
}


ResponseId = Annotated[str, Path(json_schema_extra={"pattern": RESPONSE_ID})]


async def _response(response_id: ResponseId, context: ContextDep, principal: PrincipalDep) -> Task:
    return await load_task(to_task_id(response_id), context, principal)


async def _until_sent() -> AsyncIterator[AsyncExitStack]:
    """What is open until the response is sent."""
    async with AsyncExitStack() as stack:
        yield stack


ResponseTask = Annotated[Task, Depends(_response)]
UntilSent = Annotated[AsyncExitStack, Depends(_until_sent)]


@router.post(
    "",
    response_model=ResponseOut,
    responses=problem_responses(*_BODY_PROBLEMS, "response-not-found", *LIMIT_PROBLEMS) | _HELD,
)
async def create_response(
    new: ResponseCreate,
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    *,
    until_sent: UntilSent,
    idempotency_key: IdempotencyKey = None,
    retry_count: RetryCount = "0",
) -> Response:
    """Submit a conversation as OpenAI's clients do. The task is on disk before the reply begins.

    Without `background` the request is held open until the task ends, and goes on without you if
    you leave. A request with the same `Idempotency-Key`, or with a retry count and the same body,
    joins the task.
    """
    hold = new.stream or not new.background
    unkeyed = None
    if idempotency_key is None:
        received_at = await context.broadcaster.now()
        unkeyed = Unkeyed(request.state.body_hash, received_at, is_retry=retry_count != "0")
    previous = await _previous(new.previous_response_id, context, principal)
    messages = conversation(new, previous)
    acceptance = TaskInsert(
        context.new_task_id(),
        context.settings.provider,
        default_title(messages),
        orjson.dumps(messages),
        limit=context.settings.max_open_tasks,
        parent_id=None if previous is None else previous.task.id,
        owner=principal.owner,
        idempotency_key=idempotency_key,
        unkeyed=unkeyed,
        metadata=new.metadata,
        has_instructions=has_instructions(new),
    )
    if not hold:
        accepted = await insert_task(acceptance, context)
        return await _shown(accepted.task, context)
    # Before the task exists: a client that cannot be held is refused while nothing is paid.
    subscription = await until_sent.enter_async_context(
        context.subscribe(request.receive, principal.owner)
    )
    accepted = await insert_task(acceptance, context)
    held = HeldResponse(context, principal, accepted.task, subscription, unkeyed)
    if new.stream:
        return held.events(starting_after=-1)
    return await _shown(accepted.task, context) if accepted.task.is_terminal else held.json()


@router.get(
    "/{response_id}",
    response_model=ResponseOut,
    responses=problem_responses(
        "response-not-found", "invalid-parameter", "too-many-event-subscribers"
    )
    | _HELD,
)
async def retrieve_response(
    task: ResponseTask,
    request: Request,
    context: ContextDep,
    principal: PrincipalDep,
    *,
    until_sent: UntilSent,
    stream: bool = False,
    starting_after: StartingAfter = None,
) -> Response:
    """Read a response: OpenAI's object once there is one. `stream` follows it to its end."""
    if not stream:
        return await _shown(task, context)
    subscription = await until_sent.enter_async_context(
        context.subscribe(request.receive, principal.owner)
    )
    held = HeldResponse(context, principal, task, subscription)
    return held.events(-1 if starting_after is None else starting_after)


@router.post(
    "/{response_id}/cancel",
    response_model=ResponseOut,
    responses=problem_responses("response-not-found", "invalid-parameter"),
)
async def cancel_response(
    response_id: ResponseId, context: ContextDep, principal: PrincipalDep
) -> Response:
    """Cancel a response, also at OpenAI if it was sent there."""
    task = await apply_change(to_task_id(response_id), context, principal, cancellation)
    return await _shown(task, context)


@router.delete(
    "/{response_id}",
    response_model=ResponseDeleted,
    responses={
        202: {"model": ResponseDeleted, "description": "Deletion in progress"},
        **problem_responses("response-not-found", "invalid-parameter"),
    },
)
async def delete_response(
    response_id: ResponseId, request: Request, context: ContextDep, principal: PrincipalDep
) -> Response:
    """Delete a response that has ended: first at OpenAI, then here."""
    task = await apply_change(to_task_id(response_id), context, principal, deletion)
    deleted = await _deleted(task, request, context, principal)
    body = {"id": response_id, "object": "response", "deleted": deleted}
    return Response(orjson.dumps(body), 200 if deleted else 202, media_type=JSON)


@router.get(
    "/{response_id}/input_items",
    response_model=InputItemsOut,
    responses=problem_responses("response-not-found", "invalid-parameter"),
)
async def list_input_items(
    task: ResponseTask,
    context: ContextDep,
    *,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    order: Literal["asc", "desc"] = "desc",
    after: Annotated[str | None, Query(description="Id of the last item of the page before.")] = (
        None
    ),
) -> Response:
    """List the messages of a response's conversation, the last one first."""
    items = input_items(task.id, orjson.loads(await context.store.conversation(task.id)))
    if order == "desc":
        items.reverse()
    ids = [item["id"] for item in items]
    if after is not None and after not in ids:
        raise InvalidRequest([("after", "Send the last_id of the previous page.")])
    start = 0 if after is None else ids.index(after) + 1
    page = items[start : start + limit]
    body = {
        "object": "list",
        "data": page,
        "first_id": page[0]["id"] if page else None,
        "last_id": page[-1]["id"] if page else None,
        "has_more": start + limit < len(items),
    }
    return Response(orjson.dumps(body), media_type=JSON)


async def _previous(
    response_id: str | None, context: AppContext, principal: Principal
) -> TaskWithTexts | None:
    """The response to continue, with its texts. Raises InvalidRequest."""
    if response_id is None:
        return None
    try:
        task = await load_task(to_task_id(response_id), context, principal)
        return await context.store.load_with_texts(task.id)
    except (TaskNotFound, ResponseNotFound):
        message = "There is no response with this id."
        raise InvalidRequest([("previous_response_id", message)]) from None


async def _shown(task: Task, context: AppContext) -> Response:
    response = None
    if task.is_terminal:
        whole = await context.store.load_with_texts(task.id)
        task, response = whole.task, whole.response
    size = len(response or b"")
    body = await context.process_text(task.owner, size, response_json, task, response)
    return Response(body, media_type=JSON)


async def _deleted(task: Task, request: Request, context: AppContext, principal: Principal) -> bool:
    """Whether a poller deletes the task while the client waits."""
    with suppress(TimeoutError, TooManySubscribers):
        async with asyncio.timeout(DELETION_WAIT_S):
            try:
                while not context.broadcaster.closing:
                    receive = request.receive
                    task = await wait_for_change(task, context, principal, receive, DELETION_WAIT_S)
            except TaskNotFound:
                return True
    return False
