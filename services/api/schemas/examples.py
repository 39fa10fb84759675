"""A true example of every problem, made by the code that makes them, and one of a task."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from fastapi import Response
from starlette.exceptions import HTTPException

from services.api.auth.principal import AdminOnly, Unauthenticated
from services.api.events.broadcaster import TooManyClients
from services.api.problems import errors, responses
from services.api.problems.responses import respond
from shared.domain.errors import TaskDeleted, TaskNotFound, TooManyOpenTasks
from shared.domain.tombstone import DeletionOutcome, Tombstone

TASK: dict[str, Any] = {
    "id": "task_5f0c7c1e0a6f4b6f9b8e0e8a2d1c3b4a",
    "status": "completed",
    "provider": "openai",
    "provider_status": "completed",
    "paused": None,
    "title": "Write a short offshoot to the lina trilogy.",
    "created_at": "2025-12-10T04:09:01.512Z",
    "submitted_at": "2025-12-10T04:09:01.570Z",
    "completed_at": "2025-12-10T04:28:23.104Z",
    "response_id": "resp_0389930dd33170b8006938f25e984881909af1e929f2af0625",
    "client_request_id": "task_5f0c7c1e0a6f4b6f9b8e0e8a2d1c3b4a-1",
    "adopting": None,
    "adoption_refused": None,
    "parent_id": None,
    "retry_of": None,
    "usage": {"input_tokens": 30988, "output_tokens": 8034, "total_tokens": 39022},
    "cost_usd": 1.4289,
    "error": None,
    "receipt": None,
    "deletion": None,
    "polls": 19,
    "last_polled_at": "2025-12-10T04:28:23.104Z",
    "next_poll_at": None,
    "version": 5,
    "input": [
        {
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Write a short offshoot to the lina trilogy."}
            ],
        }
    ],
    "output_text": "Offshoot: Witness Night\n\nThe first time Mara held the Shard box, …",
    "citations": [],
    "searches": 0,
}

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
    """A problem as a client gets it; ``headers`` are those of its own."""

    status_code: int
    body: dict[str, Any]
    headers: Mapping[str, str]


def _made() -> Iterator[Response]:
    yield responses.unreadable()
    yield respond(Unauthenticated())
    yield respond(errors.BadSignature())
    yield responses.foreign_origin()
    yield respond(AdminOnly())
    yield respond(TaskNotFound(TASK["id"]))
    yield respond(errors.NoAnswer())
    yield responses.refused(HTTPException(404))
    yield responses.refused(HTTPException(405, headers={"Allow": "GET"}))
    yield respond(errors.NotAcceptable(["application/json", "text/markdown"]))
    yield respond(errors.WrongState("completed", "It has ended already."))
    yield respond(TaskDeleted(TASK["id"], _DELETED))
    yield responses.too_large()
    yield respond(errors.UnsupportedMediaType(["application/json", "text/markdown"]))
    yield responses.wrong_host()
    yield responses.invalid([("input[0].content", "This message has no text.")])
    yield respond(TooManyOpenTasks(1000))
    yield responses.too_many_requests(120, 3)
    yield responses.internal_error()
    yield responses.unavailable("The store does not answer; try again shortly.")
    yield responses.stopping()
    yield respond(errors.SearchRebuilding())
    yield respond(TooManyClients(1000))


def _example(made: Response) -> Example:
    named = {
        name.title(): value
        for name, value in made.headers.items()
        if name not in ("content-type", "content-length")
    }
    return Example(made.status_code, orjson.loads(made.body), named)


PROBLEMS: Mapping[str, Example] = {
    example.body["type"].rpartition(":")[2]: example for example in map(_example, _made())
}
"""By their kind: the last word of ``type``."""
