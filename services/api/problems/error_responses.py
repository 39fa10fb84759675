"""The one place that decides which HTTP response an error gets."""

from contextlib import suppress
from functools import singledispatch

import structlog
from fastapi import Response
from redis.exceptions import NoPermissionError, RedisError
from starlette.exceptions import HTTPException

from services.api.problems.document import problem
from services.api.problems.errors import (
    AdminRequired,
    AnswerNotAvailable,
    BadSignature,
    BodyTooLarge,
    InvalidParameter,
    InvalidRequest,
    InvalidState,
    MalformedBody,
    ModelNotFound,
    NotAcceptable,
    ResponseNotFound,
    SearchIndexNotReady,
    TooManySubscribers,
    Unauthenticated,
    UnsupportedMediaType,
)
from services.api.problems.responses import (
    RETRY_SOON,
    RIGHT_MISSING,
    WRITE_UNCONFIRMED,
    internal_error,
    invalid_parameter,
    invalid_request,
    malformed_body,
    store_unavailable,
    too_large,
)
from shared.domain.errors import (
    BackburnerError,
    IdempotencyKeyReused,
    TaskDeleted,
    TaskNotFound,
    TooManyOpenTasks,
    TooMuchStored,
    WebhookEndpointDisabled,
    WebhookEndpointNotFound,
    WebhookSecretUnreadable,
    WriteNotConfirmed,
)
from shared.presentation import serializers

log = structlog.get_logger("services.api")

_HEADERS = {
    401: {"WWW-Authenticate": 'Bearer realm="Backburner"'},
    503: RETRY_SOON,
}

_STATIC: dict[type[BackburnerError], tuple[int, str, str]] = {
    TaskNotFound: (404, "task-not-found", "There is no task with this id."),
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
    WebhookEndpointNotFound: (
        404,
        "webhook-endpoint-not-found",
        "There is no webhook endpoint with this id.",
    ),
    WebhookEndpointDisabled: (
        409,
        "webhook-endpoint-disabled",
        "This endpoint is disabled (see disabled_reason). Send PATCH with disabled: false first.",
    ),
    WebhookSecretUnreadable: (
        409,
        "webhook-secret-unreadable",
        "The secret was encrypted with another BACKBURNER_WEBHOOK_KEY. Rotate it.",
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
def _(error: InvalidParameter) -> Response:
    return invalid_parameter(error.errors)


@to_response.register
def _(error: ResponseNotFound) -> Response:
    return problem(404, "response-not-found", f"Response with id '{error.response_id}' not found.")


@to_response.register
def _(error: ModelNotFound) -> Response:
    detail = f"The model '{error.model}' does not exist here. The only one is {error.available}."
    return problem(404, "model-not-found", detail)


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
def _(error: AnswerNotAvailable) -> Response:
    if not error.ended:
        why = "it has not ended yet."
    elif error.response:
        why = "it has ended, but the response contains no text (see `/response`)."
    else:
        why = "it has ended without one (see `error`)."
    return problem(404, "answer-not-available", f"This task has no answer: {why}")


@to_response.register
def _(error: BodyTooLarge) -> Response:
    return too_large(error.limit)


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
    return invalid_request(key_reused(error))


@to_response.register
def _(error: TooManyOpenTasks) -> Response:
    return problem(
        429,
        "too-many-open-tasks",
        f"Limit of {error.limit:,} open tasks{' for this token' if error.own else ''} reached."
        f" Wait for one to end or raise {_setting(error, 'max_open_tasks')}.",
        headers={"Retry-After": "60"},
    )


@to_response.register
def _(error: TooMuchStored) -> Response:
    return problem(
        429,
        "too-much-stored",
        f"Limit of {error.limit // 1_000_000:,} MB of stored texts for this token reached."
        " Delete tasks, or raise max_stored_mb in the tokens file.",
        headers={"Retry-After": "3600"},
    )


@to_response.register
def _(error: TooManySubscribers) -> Response:
    if error.own:
        return problem(
            429,
            "too-many-event-subscribers",
            f"Limit of {error.limit:,} event subscribers for this token reached. Close some, or"
            f" raise {_setting(error, 'max_event_subscribers')}.",
            headers={"Retry-After": "30"},
        )
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


def _setting(error: TooManyOpenTasks | TooManySubscribers, name: str) -> str:
    """What to raise for more."""
    return f"{name} in the tokens file" if error.own else f"BACKBURNER_{name.upper()}"


def key_reused(error: IdempotencyKeyReused) -> list[tuple[str, str]]:
    """What to say of the header."""
    message = (
        f"This key belongs to another request, which created {error.task_id}."
        " Send the same body again, or use another key."
    )
    return [("Idempotency-Key", message)]


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
    if isinstance(error, NoPermissionError):
        log.error("store_right_missing", reason=str(error))
        return store_unavailable(RIGHT_MISSING)
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
