"""What OpenAPI says of every answer: the problems a call may have, and a true example."""

from typing import Any

from services.api.problems import MEDIA_TYPE

_PROBLEMS = {
    400: "The body is not JSON in UTF-8, or is nested too deeply",
    401: "The signature does not fit",
    403: "Sent by a page of another site",
    404: "No such task, or no such answer",
    406: "No acceptable form of the answer",
    409: "The task is in a state in which this cannot be done",
    413: "The body is larger than 4 MiB",
    422: "A field cannot be taken; `errors` names it and says what to do",
    429: "Too many open tasks, or the day's budget is used up",
    503: "The store is away; try again after Retry-After",
}

_CONTENT = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}

EXAMPLE_TASK: dict[str, Any] = {
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
    "parent_id": None,
    "retry_of": None,
    "usage": {"input_tokens": 30988, "output_tokens": 8034, "total_tokens": 39022},
    "cost_usd": 1.4289,
    "error": None,
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
}


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route; ``default`` are those that any address may give."""
    described: dict[int | str, dict[str, Any]] = {
        status: {"description": _PROBLEMS[status], "content": _CONTENT} for status in statuses
    }
    return described | {"default": {"description": "Any other problem", "content": _CONTENT}}
