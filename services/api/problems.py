"""The one place where an error becomes an HTTP answer: RFC 9457 problem details."""

from collections.abc import Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from orjson import dumps as dump
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException

from services.api.validation import complaints
from shared.errors import (
    BackburnerError,
    BudgetUsedUp,
    IdempotencyKeyReused,
    NotDurable,
    TaskNotFound,
    TooManyOpenTasks,
)

MEDIA_TYPE = "application/problem+json"

MAX_ERRORS = 20
"""Wrong fields that one answer lists; who sends a thousand wants no thousand answers."""

log = structlog.get_logger("services.api")


class InvalidRequest(BackburnerError):
    """A request that cannot be taken; ``errors`` are (field, what to do)."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        super().__init__(errors)
        self.errors = errors


class NoAnswer(BackburnerError):
    """The task has no answer, or none yet."""


class WrongState(BackburnerError):
    """The task is not in a state in which this can be done; ``remedy`` says what can."""

    def __init__(self, status: str, remedy: str) -> None:
        super().__init__(status, remedy)
        self.status = status
        self.remedy = remedy


class BadSignature(BackburnerError):
    """A webhook that the provider did not sign."""


class NotAcceptable(BackburnerError):
    """The client accepts no form in which the answer can be given."""


def problem(
    status: int,
    kind: str,
    detail: str,
    *,
    errors: Sequence[tuple[str, str]] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem document; ``kind`` names it for programs, ``detail`` tells people what to do."""
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
    return Response(dump(body), status, headers, MEDIA_TYPE)


_PLAIN: dict[type[BackburnerError], tuple[int, str, str]] = {
    TaskNotFound: (404, "task-not-found", "There is no task with this id."),
    NoAnswer: (404, "no-answer", "This task has no answer, or none yet."),
    BadSignature: (401, "bad-signature", "The signature is missing, wrong or too old."),
    NotAcceptable: (
        406,
        "not-acceptable",
        "The answer can be had as text/markdown, text/plain or text/html.",
    ),
}


def respond(error: BackburnerError) -> Response:
    """What a client is told of an error of ours."""
    if plain := _PLAIN.get(type(error)):
        return problem(*plain)
    match error:
        case InvalidRequest():
            return invalid(error.errors)
        case WrongState(status=status, remedy=remedy):
            return problem(409, "wrong-state", f"This task is {status}. {remedy}")
        case IdempotencyKeyReused(task_id):
            return invalid(
                [
                    (
                        "Idempotency-Key",
                        f"This key stands for another request, which became {task_id}.",
                    )
                ]
            )
        case TooManyOpenTasks(limit):
            return problem(
                429,
                "too-many-open-tasks",
                f"{limit} tasks are unfinished, and no more may be (BACKBURNER_MAX_OPEN_TASKS)."
                " Try again when some have ended.",
                headers={"Retry-After": "60"},
            )
        case BudgetUsedUp(limit, spent, resets_in):
            return problem(
                429,
                "budget-used-up",
                f"Today's tasks cost ${spent / 1e6:.2f}; the budget is ${limit / 1e6:.2f} a day"
                " (BACKBURNER_DAILY_BUDGET_USD). It begins anew at midnight UTC.",
                headers={"Retry-After": str(resets_in)},
            )
        case NotDurable():
            return unavailable(UNSURE)
        case _:
            raise error


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
    """A body that is no JSON that could be read."""
    return problem(
        400, "unreadable-body", "The body is not JSON in UTF-8, or it is nested too deeply."
    )


def unavailable(detail: str) -> Response:
    """The store does not answer, or cannot write."""
    return problem(503, "store-unavailable", detail, headers={"Retry-After": "5"})


def refused(error: HTTPException) -> Response:
    """What the framework refuses before a route is reached."""
    match error.status_code:
        case 400:
            return unreadable()
        case 404:
            return problem(404, "not-found", "There is nothing at this address.")
        case 405:
            detail = "This address does not take this method; /docs lists what it takes."
            return problem(405, "method-not-allowed", detail, headers=dict(error.headers or {}))
        case 413:
            return too_large()
        case _:
            raise error


def install(app: FastAPI) -> None:
    """Teach the application to answer its errors."""

    @app.exception_handler(BackburnerError)
    async def _ours(_: Request, error: BackburnerError) -> Response:
        return respond(error)

    @app.exception_handler(RequestValidationError)
    async def _validation(_: Request, error: RequestValidationError) -> Response:
        if any(found["type"] == "json_invalid" for found in error.errors()):
            return unreadable()
        return invalid(complaints(error))

    @app.exception_handler(RedisError)
    async def _store(request: Request, error: RedisError) -> Response:
        log.warning("store unavailable", error=type(error).__name__, reason=str(error))
        # A reply can be lost after the write.
        reading = request.method == "GET"
        return unavailable("The store does not answer; try again shortly." if reading else UNSURE)

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> Response:
        return refused(error)

    @app.exception_handler(Exception)
    async def _unexpected(_: Request, error: Exception) -> Response:
        log.error("unexpected error", exc_info=error)
        return problem(500, "internal-error", "Something went wrong here; the log says what.")
