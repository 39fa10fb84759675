"""The one place where an error becomes an HTTP answer: RFC 9457 problem details."""

from collections.abc import Sequence
from contextlib import suppress
from functools import singledispatch
from typing import Any

import structlog
from fastapi import Response
from orjson import dumps as dump
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException

from services.api.auth.principal import AdminOnly, Unauthenticated
from services.api.events.broadcaster import TooManyClients
from services.api.problems.errors import (
    BadSignature,
    InvalidRequest,
    NoAnswer,
    NotAcceptable,
    NotJson,
    SearchRebuilding,
    UnsupportedMediaType,
    WrongState,
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
"""Wrong fields that one answer lists; who sends a thousand wants no thousand answers."""

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

    ``members`` are the kind's own.
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
    return Response(dump(body | members), status, headers, MEDIA_TYPE)


_HEADERS = {
    401: {"WWW-Authenticate": 'Bearer realm="Backburner"'},
    503: {"Retry-After": "5"},
}

_PLAIN: dict[type[BackburnerError], tuple[int, str, str]] = {
    TaskNotFound: (404, "task-not-found", "There is no task with this id."),
    NoAnswer: (404, "no-answer", "This task has no answer, or none yet."),
    AdminOnly: (403, "admin-only", "This is for admins; this token is none."),
    Unauthenticated: (401, "unauthorized", "Send a valid token: Authorization: Bearer bb_…"),
    BadSignature: (401, "bad-signature", "The signature is missing, wrong or too old."),
    SearchRebuilding: (
        503,
        "search-rebuilding",
        "The search index is being made; the list without q is complete meanwhile.",
    ),
}


@singledispatch
def respond(error: BackburnerError) -> Response:
    """What a client is told of an error of ours; an error that nobody is told of is raised."""
    plain = _PLAIN.get(type(error))
    if plain is None:
        raise error
    return problem(*plain, headers=_HEADERS.get(plain[0]))


@respond.register
def _(error: InvalidRequest) -> Response:
    return invalid(error.errors)


@respond.register
def _(error: WrongState) -> Response:
    return problem(409, "wrong-state", f"This task is {error.status}. {error.remedy}")


@respond.register
def _(error: NotAcceptable) -> Response:
    detail = f"This can be had as {' or '.join(error.forms)}."
    return problem(406, "not-acceptable", detail, headers={"Vary": "Accept"})


@respond.register
def _(error: UnsupportedMediaType) -> Response:
    return problem(
        415,
        "unsupported-media-type",
        f"Send the body as {' or '.join(error.forms)}, in UTF-8, and say so in Content-Type.",
        headers={"Accept": ", ".join(error.forms)},
    )


@respond.register
def _(error: NotJson) -> Response:
    detail = f"The body is said to be JSON, and is not: {error.why}."
    return problem(400, "unreadable-body", detail)


@respond.register
def _(error: TaskDeleted) -> Response:
    detail = f"{error.task_id} was deleted; `receipt` says what is left of it."
    return problem(
        410, "task-deleted", detail, receipt=serializers.deletion_receipt(error.tombstone)
    )


@respond.register
def _(error: IdempotencyKeyReused) -> Response:
    advice = f"This key stands for another request, which became {error.task_id}."
    return invalid([("Idempotency-Key", advice)])


@respond.register
def _(error: TooManyOpenTasks) -> Response:
    return problem(
        429,
        "too-many-open-tasks",
        f"{error.limit} tasks are unfinished, and no more may be (BACKBURNER_MAX_OPEN_TASKS)."
        " Try again when some have ended.",
        headers={"Retry-After": "60"},
    )


@respond.register
def _(error: TooManyClients) -> Response:
    return problem(
        503,
        "too-many-event-clients",
        f"{error.limit} clients follow the events, and no more may"
        " (BACKBURNER_MAX_EVENT_SUBSCRIBERS). Read the tasks now and then instead.",
        headers={"Retry-After": "30"},
    )


@respond.register
def _(_: WriteNotConfirmed) -> Response:
    return unavailable(UNSURE)


def too_many_requests(per_minute: int, wait: int) -> Response:
    """A token that is used up for ``wait`` seconds."""
    return problem(
        429,
        "too-many-requests",
        f"This token may make {per_minute} requests a minute. Try again in {wait} s.",
        headers={"Retry-After": str(wait)},
    )


def invalid(errors: Sequence[tuple[str, str]]) -> Response:
    """Fields that cannot be taken."""
    field, message = errors[0]
    more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
    return problem(422, "invalid-request", f"{field}: {message}{more}", errors=errors)


def too_large() -> Response:
    """A body over the limit, of which nothing was kept."""
    return problem(
        413, "too-large", "The request body is larger than 4 MiB: send a shorter conversation."
    )


UNSURE = (
    "The store did not confirm the task; it may have been taken all the same. Sending the request"
    " again with the same Idempotency-Key makes no second task."
)


def unreadable() -> Response:
    """A body that is not what its Content-Type says."""
    return problem(
        400,
        "unreadable-body",
        "The body is not in UTF-8; or it is said to be JSON, and is not or is nested too deeply.",
    )


def unavailable(detail: str) -> Response:
    """The store does not answer, or cannot write."""
    return problem(503, "store-unavailable", detail, headers={"Retry-After": "5"})


def stopping() -> Response:
    """A request that was not done with when the process had to end."""
    return problem(
        503,
        "stopping",
        "This server is stopping, and what became of the request is not known. Sent again with the"
        " same Idempotency-Key it makes no second task.",
        headers={"Retry-After": "5"},
    )


def wrong_host() -> Response:
    """A request by a name that is not this server's."""
    return problem(
        421,
        "wrong-host",
        "This server does not answer to that name."
        " Name it, without a port, in BACKBURNER_ALLOWED_HOSTS if it should.",
    )


def foreign_origin() -> Response:
    """A request that a page of another site has a browser make."""
    return problem(
        403,
        "foreign-origin",
        "Another web page may not change anything here."
        " A proxy before this server has to pass the Host header on as it is.",
    )


def internal_error() -> Response:
    """An error that nobody expected."""
    return problem(500, "internal-error", "Something went wrong here; the log says what.")


def refused(error: HTTPException) -> Response:
    """What the framework refuses before a route is reached."""
    match error.status_code:
        case 400:
            return unreadable()
        case 404:
            return problem(404, "not-found", "There is nothing at this address: see /docs.")
        case 405:
            headers = dict(error.headers or {})
            detail = f"This address takes only {headers.get('Allow')}: see /docs."
            return problem(405, "method-not-allowed", detail, headers=headers)
        case 413:
            return too_large()
        case _:
            raise error


def failure(error: Exception, *, reading: bool) -> Response:
    """What a client is told of whatever went wrong in a route, and the log where it must know."""
    if isinstance(error, RedisError):
        log.warning("store unavailable", error=type(error).__name__, reason=str(error))
        # A reply can be lost after the write.
        return unavailable("The store does not answer; try again shortly." if reading else UNSURE)
    if isinstance(error, BackburnerError):
        with suppress(type(error)):
            return respond(error)
    log.error("unexpected error", exc_info=error)
    return internal_error()
