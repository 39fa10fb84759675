"""Lists tasks, and reads one."""

from contextlib import suppress
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Header, Query, Request, Response

from services.api.auth.principal import PrincipalDep
from services.api.dependencies import ContextDep, TaskDep
from services.api.events import long_poll
from services.api.http.etags import etag_matches
from services.api.http.media_types import JSON
from services.api.http.timestamps import parse_timestamp_ms
from services.api.problems.errors import InvalidRequest, TooManySubscribers
from services.api.problems.field_errors import MESSAGES
from services.api.problems.openapi import ETAG, TASK_PROBLEMS, problem_responses
from services.api.schemas.task import TaskOut, TaskPage
from services.api.tasks.create import task_json
from services.api.tasks.listing import MAX_COMPARED, Listing
from services.api.tasks.wait import wait_for_change
from shared.domain.states import Status
from shared.presentation import serializers
from shared.store import Rank

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])

Q_DESCRIPTION = (
    "Words to find in title, prompt or answer; all are required, in any order. Put a phrase in"
    ' "double quotes"; a trailing * matches a prefix of three letters or more.'
)

Sort = Annotated[
    Literal["newest", "cost", "duration"],
    Query(
        description="`cost` and `duration` list the highest first, on one page without"
        f" `next_cursor`, of the newest {MAX_COMPARED:,} tasks that match (`compared`)."
    ),
]

_NEXT_PAGE = {
    "next_page": {
        "operationId": "list_tasks",
        "parameters": {"cursor": "$response.body#/next_cursor"},
    }
}

_TIMESTAMP = (
    "an RFC 3339 time such as `2026-11-23T09:00:00Z` (write `+` as `%2B` in an address), or a date"
    " for 00:00 UTC."
)
INVALID_TIMESTAMP = (
    "Send an RFC 3339 time with its offset, such as 2026-11-23T09:00:00Z, or a date such as"
    " 2026-11-23. Write + as %2B in an address."
)
CreatedAfter = Annotated[
    str | None,
    Query(description=f"Only tasks created at or after {_TIMESTAMP}", examples=["2026-11-01"]),
]
CreatedBefore = Annotated[
    str | None,
    Query(description=f"Only tasks created before {_TIMESTAMP}", examples=["2026-12-01"]),
]

Prefer = Annotated[
    str | None,
    Header(
        alias="Prefer",
        description="`wait=N` waits up to N seconds, at most 60, for a change (RFC 7240).",
        examples=["wait=30"],
    ),
]
IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", description="The ETag of what you have: 304 if it is current."),
]


@router.get(
    "",
    response_model=TaskPage,
    responses=problem_responses("invalid-request", "search-index-not-ready")
    | {200: {"links": _NEXT_PAGE}},
)
async def list_tasks(
    context: ContextDep,
    principal: PrincipalDep,
    *,
    status: Annotated[Status | None, Query(description="Only tasks with this status.")] = None,
    q: Annotated[str | None, Query(min_length=1, max_length=200, description=Q_DESCRIPTION)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[
        str | None,
        Query(pattern=r"^[A-Za-z0-9_-]{1,48}$", description="`next_cursor` of the previous page."),
    ] = None,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
    pinned: Annotated[
        bool, Query(description="Only pinned tasks, whatever their status; not with `q`.")
    ] = False,
    sort: Sort = "newest",
    total: Annotated[bool, Query(description="Count all tasks that match.")] = False,
    snippets: Annotated[bool, Query(description="With `q`: show why each task was found.")] = False,
) -> Response:
    """List tasks, newest first. Pages neither skip nor repeat tasks when others are added.

    With `q`, only tasks that contain all its words. A change can be found about a second later.
    """
    if sort != "newest" and cursor is not None:
        raise InvalidRequest([("cursor", "A sorted list has one page. Leave the cursor out.")])
    cursors = context.broadcaster.cursors
    below = None if cursor is None else cursors.decode(cursor)
    if cursor is not None and below is None:
        raise InvalidRequest([("cursor", MESSAGES["string_pattern_mismatch", "cursor"])])
    owner = principal.visible_owner
    after, before = (
        _parse("created_after", created_after),
        _parse("created_before", created_before),
    )
    lowest = 0 if after is None else await context.store.seq_at(after, owner)
    top = None if before is None else await context.store.seq_at(before, owner)
    listing = Listing(
        context.store, context.search, q, status, owner, lowest=lowest, below=top, pinned=pinned
    )
    body: dict[str, Any] = {}
    if sort == "newest":
        page = await listing.page(below, limit)
    else:
        page, body["compared"] = await listing.highest(Rank(sort), limit)
    if total:
        body["total"] = await listing.count()
    if snippets:
        body["snippets"] = await listing.snippets(page.tasks)
    body["data"] = [serializers.task_summary(task) for task in page.tasks]
    body["next_cursor"] = None if page.cursor is None else cursors.encode(page.cursor)
    return Response(orjson.dumps(body), media_type=JSON)


@router.get(
    "/{task_id}",
    response_model=TaskOut,
    responses=problem_responses(*TASK_PROBLEMS)
    | {200: {"headers": ETAG}, 304: {"description": "Not modified", "headers": ETAG}},
)
async def read_task(
    task: TaskDep,
    context: ContextDep,
    principal: PrincipalDep,
    request: Request,
    *,
    _prefer: Prefer = None,
    _if_none_match: IfNoneMatch = None,
) -> Response:
    """Read a task. The ETag changes with every change of the task, not with its polls.

    With `Prefer: wait=30` the response is sent at the next change, at the latest after 30 seconds;
    with `If-None-Match`, at once if the task has changed since. An ended task is sent at once.
    """
    known = request.headers.getlist("if-none-match")
    headers = {}
    limit = long_poll.parse_prefer_wait(request.headers.getlist("prefer"))
    if limit is not None:
        waits = (
            etag_matches(known, _etag(task.version)) if known else not long_poll.is_settled(task)
        )
        with suppress(TooManySubscribers):  # a server may ignore preferences
            if waits:
                task = await wait_for_change(task, context, principal, request.receive, limit)
            headers["Preference-Applied"] = f"wait={limit}"
    if etag_matches(known, _etag(task.version)):
        return Response(status_code=304, headers=headers | {"ETag": _etag(task.version)})
    task, body = await task_json(task, context)
    return Response(body, 200, headers | {"ETag": _etag(task.version)}, JSON)


def _parse(field: str, text: str | None) -> int | None:
    if text is None:
        return None
    if (parsed := parse_timestamp_ms(text)) is None:
        raise InvalidRequest([(field, INVALID_TIMESTAMP)])
    return parsed


def _etag(version: int) -> str:
    return f'W/"{version}"'
