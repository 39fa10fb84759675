"""Describes responses for OpenAPI: possible problems, headers, and links to further calls."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from services.api.problems.document import MEDIA_TYPE
from services.api.problems.examples import PROBLEMS

Responses = dict[int | str, dict[str, Any]]

TASK_PROBLEMS = ("task-not-found", "task-deleted")
BODY_PROBLEMS = ("malformed-body", "unsupported-media-type", "too-large", "invalid-request")
LIMIT_PROBLEMS = ("too-many-open-tasks", "too-much-stored")
COMMON_PROBLEMS = (
    *("unauthorized", "cross-origin", "too-many-requests", "too-many-connections"),
    "store-unavailable",
)

LOCATION = {
    "Location": {
        "description": "The task's address.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Idempotent-Replayed": {
        "description": "`true` if an earlier request with this key created the task.",
        "schema": {"type": "string", "const": "true"},
    },
}
ETAG = {
    "ETag": {
        "description": "Send it as `If-None-Match`.",
        "required": True,
        "schema": {"type": "string"},
    },
    "Preference-Applied": {
        "description": "The wait that was applied, if one was requested.",
        "schema": {"type": "string"},
    },
}
ATTACHMENT = {
    "Content-Disposition": {
        "description": "A file name made of the title and the id.",
        "required": True,
        "schema": {"type": "string"},
    },
}

_TASK_OPERATIONS = (
    *("read_task", "read_answer", "read_response", "read_thread", "export_task", "export_thread"),
    *(
        "read_progress",
        "cancel_task",
        "retry_task",
        "abandon_task",
        "adopt_response",
        "delete_task",
        "update_task",
    ),
)


_ENDPOINT_OPERATIONS = (
    *("read_webhook_endpoint", "update_webhook_endpoint", "delete_webhook_endpoint"),
    *("test_webhook_endpoint", "rotate_webhook_secret", "list_webhook_deliveries"),
)


def task_links() -> dict[str, Any]:
    """The links (OpenAPI 3.1, 4.8.20) from a task to every operation on it."""
    task_id = "$response.body#/id"
    links: dict[str, Any] = {
        name: {"operationId": name, "parameters": {"task_id": task_id}} for name in _TASK_OPERATIONS
    }
    continued = {"operationId": "submit_task", "parameters": {"query.parent_id": task_id}}
    return links | {"continue_task": continued}


def webhook_endpoint_links() -> dict[str, Any]:
    """The links from a webhook endpoint to every operation on it."""
    parameters = {"endpoint_id": "$response.body#/id"}
    return {name: {"operationId": name, "parameters": parameters} for name in _ENDPOINT_OPERATIONS}


def problem_responses(*kinds: str, always: Iterable[str] = COMMON_PROBLEMS) -> Responses:
    """The ``responses`` of a route with these problems, and with those ``always`` possible."""
    by_status: Responses = {}
    for kind in dict.fromkeys((*kinds, *always)):
        status = PROBLEMS[kind].status_code
        by_status.setdefault(status, {})[kind] = PROBLEMS[kind]
    described: Responses = {
        status: _described(HTTPStatus(int(status)).phrase, problems)
        for status, problems in sorted(by_status.items())
    }
    rest = {kind: PROBLEMS[kind] for kind in ("host-not-allowed", "internal-error")}
    return described | {"default": _described("Any other problem", rest)}


def _described(description: str, problems: dict[str, Any]) -> dict[str, Any]:
    examples = {
        kind: {"summary": body["title"], "value": body}
        for kind, body in ((kind, example.body) for kind, example in problems.items())
    }
    headers = {
        name: {"schema": {"type": "string"}, "example": value}
        for example in problems.values()
        for name, value in example.headers.items()
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    answer: dict[str, Any] = {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": schema, "examples": examples}},
    }
    return answer | ({"headers": headers} if headers else {})
