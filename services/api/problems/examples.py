"""An example of every problem for OpenAPI, made by the code that answers with them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import Response
from starlette.exceptions import HTTPException

from services.api.problems import errors, responses
from services.api.problems.error_responses import from_http_exception, to_response
from services.api.schemas.examples import TASK
from shared.domain.errors import (
    TaskDeleted,
    TaskNotFound,
    TooManyOpenTasks,
    TooMuchStored,
    WebhookEndpointDisabled,
    WebhookEndpointNotFound,
    WebhookSecretUnreadable,
)
from shared.domain.tombstone import DeletionOutcome, Tombstone
from shared.openai.model import ACTIVE

_DELETED = Tombstone(
    TASK["id"],
    "openai",
    DeletionOutcome.DELETED,
    requested_at=1_765_440_000_000,
    deleted_at=1_765_440_002_350,
    until=1_768_032_002_350,
    attempts=0,
    cost_unknown=False,
    response_id=TASK["response_id"],
)


@dataclass(frozen=True, slots=True)
class Example:
    """A problem as a client receives it; ``headers`` are those specific to it."""

    status_code: int
    body: dict[str, Any]
    headers: Mapping[str, str]


def _responses() -> Iterator[Response]:
    yield responses.malformed_body("is not valid JSON (line 3, column 7): Expecting value")
    yield to_response(errors.Unauthenticated())
    yield to_response(errors.BadSignature())
    yield responses.cross_origin()
    yield to_response(errors.AdminRequired())
    yield to_response(TaskNotFound(TASK["id"]))
    yield to_response(WebhookEndpointNotFound("we_5f0c7c1e0a6f4b6f9b8e0e8a2d1c3b4a"))
    yield to_response(WebhookEndpointDisabled("we_5f0c7c1e0a6f4b6f9b8e0e8a2d1c3b4a"))
    yield to_response(WebhookSecretUnreadable())
    yield to_response(errors.AnswerNotAvailable(ended=False))
    yield to_response(errors.ResponseNotFound("resp_5f0c7c1e0a6f4b6f9b8e0e8a2d1c3b4a"))
    yield to_response(errors.ModelNotFound("gpt-4o", ACTIVE.name))
    yield to_response(
        errors.InvalidParameter(
            [("store", "OpenAI always stores a background response: leave this field out.")]
        )
    )
    yield from_http_exception(HTTPException(404), "GET")
    yield from_http_exception(HTTPException(405, headers={"Allow": "GET"}), "PUT")
    yield to_response(errors.NotAcceptable(["application/json", "text/markdown"]))
    yield to_response(errors.InvalidState("completed", "It has ended already."))
    yield to_response(TaskDeleted(TASK["id"], _DELETED))
    yield responses.too_large()
    yield to_response(errors.UnsupportedMediaType(["application/json", "text/markdown"]))
    yield responses.host_not_allowed()
    yield responses.invalid_request([("input[0].content", "This message has no text.")])
    yield to_response(TooManyOpenTasks(1000))
    yield to_response(TooMuchStored(1_000_000_000))
    yield responses.too_many_requests(120, 3)
    yield responses.too_many_connections(200)
    yield responses.headers_too_large()
    yield responses.internal_error()
    yield responses.store_unavailable("Redis does not answer. Try again in 5 s.")
    yield responses.shutting_down()
    yield to_response(errors.SearchIndexNotReady())
    yield to_response(errors.TooManySubscribers(1000))


def _example(response: Response) -> Example:
    headers = {
        name.title(): value
        for name, value in response.headers.items()
        if name not in ("content-type", "content-length")
    }
    return Example(response.status_code, orjson.loads(response.body), headers)


PROBLEMS: Mapping[str, Example] = {
    example.body["type"].rpartition(":")[2]: example for example in map(_example, _responses())
}
"""By kind: the last segment of ``type``."""
