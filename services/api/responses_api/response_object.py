"""Shows a task as OpenAI's response object."""

from typing import Any

import orjson

from services.api.responses_api.ids import to_response_id
from shared.domain.states import Status
from shared.domain.task import Task
from shared.openai.request import build
from shared.openai.response import Response

_STATUS = {
    Status.QUEUED: "queued",
    Status.SUBMITTING: "queued",
    Status.UNCONFIRMED: "in_progress",
}
"""OpenAI's word for those of ours that it does not have."""


def response_object(task: Task, body: bytes | None) -> dict[str, Any]:
    """OpenAI's object, whole, under our id; without it, the same fields as far as they are known.

    The status is the task's. ``metadata.task_id`` names the task unless the client uses that name;
    ``backburner`` has what OpenAI's fields cannot say.
    """
    response = Response.parse(body) if body else None
    found = response.body if response else {}
    shown = _known(task) | found | _ours(task)
    # The SDKs fail without a list here.
    output = found.get("output")
    shown["output"] = _with_ids(output, task) if isinstance(output, list) else []
    if task.status is Status.FAILED and not isinstance(found.get("error"), dict):
        shown["error"] = {"code": task.error_code, "message": task.error_message or ""}
    return shown


def response_json(task: Task, body: bytes | None) -> bytes:
    """The same as JSON."""
    return orjson.dumps(response_object(task, body))


def _known(task: Task) -> dict[str, Any]:
    """What the SDKs declare as required, before there is an object of OpenAI's."""
    fixed = build([], task.id)
    return {
        "created_at": task.created_at // 1000,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "max_output_tokens": None,
        "model": task.sent_model or task.accepted_model or fixed["model"],
        "parallel_tool_calls": True,
        "reasoning": fixed["reasoning"],
        "temperature": 1,
        "text": fixed["text"],
        "tool_choice": "auto",
        "tools": fixed["tools"],
        "top_p": 1,
        "truncation": "disabled",
        "usage": task.usage,
        "background": True,
    }


def _ours(task: Task) -> dict[str, Any]:
    parent = task.parent_id
    return {
        "id": to_response_id(task.id),
        "object": "response",
        "status": _STATUS.get(task.status, task.status.value),
        "metadata": {"task_id": task.id} | (task.metadata or {}),
        "previous_response_id": None if parent is None else to_response_id(parent),
        "backburner": {
            "task_id": task.id,
            "status": task.status,
            "paused": task.paused,
        },
    }


def _with_ids(output: list[Any], task: Task) -> list[dict[str, Any]]:
    # Other providers leave ids out, and the SDKs tell the items of a stream apart by them.
    digits = task.id.removeprefix("task_")
    return [
        item if isinstance(item.get("id"), str) else item | {"id": f"item_{digits}_{index}"}
        for index, item in enumerate(output)
        if isinstance(item, dict)
    ]
