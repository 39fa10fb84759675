"""The one place that turns an error into an HTTP response: an RFC 9457 problem document."""

from collections.abc import Sequence
from contextlib import suppress
from functools import singledispatch
from typing import Any

import structlog
from fastapi import Response
from orjson import dumps
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException

from services.api.http.limits import MAX_BODY_BYTES, MAX_HEADERS_BYTES
from services.api.problems.errors import (
    AdminRequired,
    AnswerNotAvailable,
    BadSignature,
    InvalidRequest,
    InvalidState,
    MalformedBody,
    NotAcceptable,
    SearchIndexNotReady,
    TooManySubscribers,
    Unauthenticated,
    UnsupportedMediaType,
)
from shared.domain.errors import (
    BackburnerError,
    IdempotencyKeyReused,
    TaskDeleted,
    TaskNotFound,
    TooManyOpenTasks,
    WriteNotConfirmed,
)
from shared.presentation import serializers

MEDIA_TYPE = "application/problem+json"

MAX_ERRORS = 20
"""Invalid fields listed in one response: a body of 4 MiB may have many thousands."""

log = structlog.get_logger("services.api")


def problem(
    status: int,
    kind: str,
    detail: str,
    *,
    errors: Sequence[tuple[str, str]] = (),
    headers: dict[str, str] | None = None,
    **members: object,
) -> Response:
    """A problem document; ``kind`` names it for programs, ``detail`` tells people what to do.

    ``members`` are extension members (RFC 9457, 3.2).
    """
    body: dict[str, Any] = {
        "type": f"urn:backburner:problem:{kind}",
        "title": kind.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = [
            {"field": field, "message": message} for field, message in errors[:MAX_ERRORS]
        ]
    return Response(dumps(body | members), status, headers, MEDIA_TYPE)


_HEADERS = {
    401: {"WWW-Authenticate": 'Bearer realm="Backburner"'},
    503: {"Retry-After": "5"},
}

_STATIC: dict[type[BackburnerError], tuple[int, str, str]] = {
    TaskNotFound: (404, "task-not-found", "There is no task with this id."),
    AnswerNotAvailable: (
        404,
        "answer-not-available",
        "This task has no answer: it has not ended yet, or ended without one (see `error`).",
    ),
    AdminRequired: (403, "admin-required", "Admin token required."),
    Unauthenticated: (
        401,
        "unauthorized",
        "Valid token required. Send the header Authorization: Bearer bb_…",
    ),
    BadSignature: (
        401,
        "bad-signature",
        "The webhook signature is missing, invalid or too old: check OPENAI_WEBHOOK_SECRET.",
    ),
    SearchIndexNotReady: (
        503,
        "search-index-not-ready",
        "The search index is being built. Try again in 5 s; the list without q is complete.",
    ),
}


@singledispatch
def to_response(error: BackburnerError) -> Response:
    """The response to one of our errors. Raises the error if clients must not see it."""
    static = _STATIC.get(type(error))
    if static is None:
        raise error
    return problem(*static, headers=_HEADERS.get(static[0]))


@to_response.register
def _(error: InvalidRequest) -> Response:
    return invalid_request(error.errors)


@to_response.register
def _(error: InvalidState) -> Response:
    return problem(409, "invalid-state", f"This task is {error.status}. {error.hint}")


@to_response.register
def _(error: NotAcceptable) -> Response:
    detail = f"Available media types: {', '.join(error.media_types)}. Name one in Accept."
    return problem(406, "not-acceptable", detail, headers={"Vary": "Accept"})


@to_response.register
def _(error: UnsupportedMediaType) -> Response:
    return problem(
        415,
        "unsupported-media-type",
        f"Send the body as {' or '.join(error.media_types)}, in UTF-8, with that Content-Type.",
        headers={"Accept": ", ".join(error.media_types)},
    )


@to_response.register
def _(error: MalformedBody) -> Response:
    return malformed_body(error.reason)


@to_response.register
def _(error: TaskDeleted) -> Response:
    detail = f"{error.task_id} was deleted; `receipt` says what is left of it."
    return problem(
        410, "task-deleted", detail, receipt=serializers.deletion_receipt(error.tombstone)
    )


@to_response.register
def _(error: IdempotencyKeyReused) -> Response:
    message = (
        f"This key belongs to another request, which created {error.task_id}."
        " Send the same body again, or use another key."
    )
    return invalid_request([("Idempotency-Key", message)])


@to_response.register
def _(error: TooManyOpenTasks) -> Response:
    return problem(
        429,
        "too-many-open-tasks",
        f"Limit of {error.limit:,} open tasks reached."
        " Wait for one to end or raise BACKBURNER_MAX_OPEN_TASKS.",
        headers={"Retry-After": "60"},
    )


@to_response.register
def _(error: TooManySubscribers) -> Response:
    return problem(
        503,
        "too-many-event-subscribers",
        f"Limit of {error.limit:,} event subscribers reached. Poll the tasks instead, or raise"
        " BACKBURNER_MAX_EVENT_SUBSCRIBERS.",
        headers={"Retry-After": "30"},
    )


@to_response.register
def _(_: WriteNotConfirmed) -> Response:
    return store_unavailable(WRITE_UNCONFIRMED)


def too_many_requests(per_minute: int, wait_s: int) -> Response:
    """The rate limit of a token is reached for ``wait_s`` seconds."""
    return problem(
        429,
        "too-many-requests",
        f"Limit of {per_minute:,} requests a minute for this token reached."
        f" Try again in {wait_s} s.",
        headers={"Retry-After": str(wait_s)},
    )


def invalid_request(errors: Sequence[tuple[str, str]]) -> Response:
    """Fields of the request are invalid; ``detail`` repeats the first."""
    field, message = errors[0]
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return problem(422, "invalid-request", f"{field}: {message}{more}", errors=errors)


def too_large() -> Response:
    """The body exceeds the limit; nothing of it was kept."""
    limit = f"{MAX_BODY_BYTES // 2**20} MiB"
    detail = f"The request body exceeds {limit}. Send a shorter conversation."
    return problem(413, "too-large", detail)


def headers_too_large() -> Response:
    """The request line and headers exceed the limit."""
    limit = f"{MAX_HEADERS_BYTES // 2**10} KiB"
    detail = f"Request line and headers exceed {limit}. Shorten the address or send fewer headers."
    return problem(431, "headers-too-large", detail)


WRITE_UNCONFIRMED = (
    "Redis did not confirm the write, so the task may exist. Send the request again with the same"
    " Idempotency-Key: that creates no second task."
)


UNREADABLE = "is not UTF-8, or is JSON nested too deeply or with a number of too many digits"


def malformed_body(reason: str = UNREADABLE) -> Response:
    """The body is not what its Content-Type says; ``reason`` completes "The body …"."""
    return problem(400, "malformed-body", f"The body {reason}.")


def store_unavailable(detail: str) -> Response:
    """Redis does not answer, or cannot write."""
    return problem(503, "store-unavailable", detail, headers=_HEADERS[503])


def shutting_down() -> Response:
    """The process stops before the request is complete."""
    return problem(
        503,
        "shutting-down",
        "The server is shutting down and the request may have taken effect. Send it again with the"
        " same Idempotency-Key: that creates no second task.",
        headers=_HEADERS[503],
    )


def host_not_allowed() -> Response:
    """The Host header names another server."""
    return problem(
        421,
        "host-not-allowed",
        "This server does not serve the host in the Host header."
        " Add its name, without a port, to BACKBURNER_ALLOWED_HOSTS.",
    )


def cross_origin() -> Response:
    """A page of another site sends a change through a browser."""
    return problem(
        403,
        "cross-origin",
        "Pages of other origins may not change anything here."
        " A proxy in front of this server must pass the Host header on unchanged.",
    )


def internal_error() -> Response:
    """An unexpected error; nothing of it is shown."""
    return problem(500, "internal-error", "Internal error. The log of the API has the details.")


def from_http_exception(error: HTTPException, method: str) -> Response:
    """The response to an error that FastAPI or Starlette raises."""
    match error.status_code:
        case 400:
            return malformed_body()
        case 404:
            return problem(404, "not-found", "There is nothing at this address: see /docs.")
        case 405:
            detail = f"{method} is not allowed here. /docs lists the methods of each address."
            headers = dict(error.headers or {})
            return problem(405, "method-not-allowed", detail, headers=headers)
        case 413:
            return too_large()
        case _:
            raise error


def from_exception(error: Exception, *, reading: bool) -> Response:
    """The response to any error of a route; logs what an operator must know."""
    if isinstance(error, RedisError):
        log.warning("store_unavailable", error=type(error).__name__, reason=str(error))
        # The reply may have been lost after the write.
        detail = "Redis does not answer. Try again in 5 s." if reading else WRITE_UNCONFIRMED
        return store_unavailable(detail)
    if isinstance(error, BackburnerError):
        with suppress(type(error)):
            return to_response(error)
    log.error("request_failed", exc_info=error)
    return internal_error()
