"""Streams the changes of tasks to clients as server-sent events."""

import re
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from services.api.auth.principal import PrincipalDep
from services.api.dependencies import ContextDep, load_task
from services.api.events import sse
from services.api.events.stream import EventStream, event_frames, seek
from services.api.events.subscription import Subscription
from services.api.problems.openapi import TASK_PROBLEMS, problem_responses
from services.api.schemas.examples import TASK
from services.api.schemas.task import TASK_ID, TaskSummary
from shared.domain.errors import TaskNotFound
from shared.store import Event

router = APIRouter(prefix="/v1/events", tags=["events"])

LAST_EVENT_ID = "Id of the last event received; the stream continues after it."

_EXAMPLE = (
    sse.hello(1_765_340_900_000, 15, "4711"),
    sse.frame("task", {name: TASK[name] for name in TaskSummary.model_fields}, "4712"),
    sse.heartbeat("4712"),
    sse.shutdown(),
)

STREAM = {
    "text/event-stream": {"schema": {"type": "string"}, "example": b"".join(_EXAMPLE).decode()}
}


async def _last(
    query: Annotated[str, Query(alias="last_event_id", description=LAST_EVENT_ID)] = "",
    header: Annotated[str, Header(alias="Last-Event-ID", description=LAST_EVENT_ID)] = "",
) -> str:
    # A reconnecting browser sends the old query and a newer header.
    return header or query


async def _subscribe(
    context: ContextDep, principal: PrincipalDep, request: Request
) -> AsyncIterator[Subscription]:
    async with context.subscribe(request.receive, principal.owner) as subscription:
        yield subscription


@router.get(
    "",
    response_class=Response,
    responses={
        200: {"content": STREAM},
        **problem_responses(*TASK_PROBLEMS, "too-many-event-subscribers"),
    },
)
async def read_events(
    context: ContextDep,
    principal: PrincipalDep,
    subscription: Annotated[Subscription, Depends(_subscribe)],
    last: Annotated[str, Depends(_last)],
    task: Annotated[str | None, Query(description="Only the events of this task.")] = None,
) -> Response:
    """Follow the changes of tasks as server-sent events, from now or from `Last-Event-ID` on.

    - `hello`: the first event, `{"server_time", "heartbeat_s"}`. Without `Last-Event-ID` its id is
      the start of the stream: a list that you read after it misses nothing.
    - `task`: a task changed; its summary, as in a list. `deleted`: a task was deleted, `{"id"}`.
    - `resync`: changes may be missing, because the last event is older than the latest 10,000
      (`too_old`) or not known here (`unknown`). Read your list again; the stream continues.
    - `shutdown`: the server shuts down. Reconnect with the last id.

    Reconnecting with the last id neither misses nor repeats a change, on any replica. After 15 s
    without a change the server sends a comment.
    """
    if task is not None:
        if not re.fullmatch(TASK_ID, task):
            raise TaskNotFound(task)
        await load_task(task, context, principal)
    now = await context.broadcaster.now()
    if last:
        seek(subscription, last, context.broadcaster.cursors)
    else:
        subscription.number = await context.broadcaster.latest()

    def wanted(event: Event) -> bool:
        return principal.can_view(event) and task in (None, event.task_id)

    principal.slot.give_back()
    begin = context.broadcaster.cursors.encode(subscription.number)
    hello = sse.hello(now, context.broadcaster.heartbeat, None if last else begin)
    return EventStream(
        event_frames(context.broadcaster, subscription, wanted, hello),
        headers={"X-Accel-Buffering": "no"},
    )
