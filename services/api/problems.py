"""The one place where an error becomes an HTTP answer: RFC 9457 problem details."""

from collections.abc import Sequence
from http import HTTPStatus
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

log = structlog.get_logger("services.api")


class InvalidRequest(BackburnerError):
    """A request that cannot be taken; ``errors`` are (field, what to do)."""

    def __init__(self, errors: Sequence[tuple[str, str]]) -> None:
        super().__init__(errors)
        self.errors = errors


class NoAnswer(BackburnerError):
    """The task has no answer, or none yet."""


class NotAcceptable(BackburnerError):
    """The client accepts no form in which the answer can be given."""


def problem(
    status: int,
    kind: str,
    detail: str,
    *,
    title: str | None = None,
    errors: Sequence[tuple[str, str]] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """A problem document; ``kind`` names it for programs, ``detail`` tells people what to do."""
    body: dict[str, Any] = {
        "type": f"urn:backburner:problem:{kind}",
        "title": title or HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if errors:
        body["errors"] = [{"field": field, "message": message} for field, message in errors]
    return Response(dump(body), status, headers, MEDIA_TYPE)


def respond(error: BackburnerError) -> Response:
    """What a client is told of an error of ours."""
    match error:
        case InvalidRequest():
            return invalid(error.errors)
        case TaskNotFound():
            return problem(404, "task-not-found", "There is no task with this id.")
        case NoAnswer():
            return problem(404, "no-answer", "This task has no answer, or none yet.")
        case NotAcceptable():
            forms = "text/markdown, text/plain or text/html"
            return problem(406, "not-acceptable", f"The answer can be had as {forms}.")
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
            return unavailable(
                "The task could not be confirmed to be on disk. Send the same request with the same"
                " Idempotency-Key again: it becomes one task at most."
            )
        case _:
            raise error


def invalid(errors: Sequence[tuple[str, str]]) -> Response:
    """Fields that cannot be taken."""
    field, message = errors[0]
    more = f" ({len(errors) - 1} more below)" if len(errors) > 1 else ""
    return problem(422, "invalid-request", f"{field}: {message}{more}", errors=errors)


def too_large() -> Response:
    """A body over the limit, of which nothing was kept."""
    return problem(
        413, "too-large", "The request body is larger than 4 MiB: send a shorter conversation."
    )


def unavailable(detail: str) -> Response:
    """The store does not answer, or cannot write."""
    return problem(503, "store-unavailable", detail, headers={"Retry-After": "5"})


def install(app: FastAPI) -> None:
    """Teach the application to answer its errors."""

    @app.exception_handler(BackburnerError)
    async def _ours(_: Request, error: BackburnerError) -> Response:
        return respond(error)

    @app.exception_handler(RequestValidationError)
    async def _validation(_: Request, error: RequestValidationError) -> Response:
        if any(found["type"] == "json_invalid" for found in error.errors()):
            return problem(400, "invalid-json", "The body is not valid JSON.")
        return invalid(complaints(error))

    @app.exception_handler(RedisError)
    async def _store(_: Request, error: RedisError) -> Response:
        log.warning("store unavailable", error=type(error).__name__, reason=str(error))
        return unavailable("The store does not answer. Nothing was changed; try again shortly.")

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> Response:
        status = error.status_code
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return too_large()
        details = {
            400: "The body cannot be read: it is no JSON, or nested too deeply.",
            404: "There is nothing at this address.",
        }
        kind = HTTPStatus(status).phrase.lower().replace(" ", "-")
        return problem(
            status, kind, details.get(status, str(error.detail)), headers=dict(error.headers or {})
        )

    @app.exception_handler(Exception)
    async def _unexpected(_: Request, error: Exception) -> Response:
        log.error("unexpected error", exc_info=error)
        return problem(500, "internal-error", "Something went wrong here; the log says what.")
