"""Reads the body in which a conversation is handed in, in whichever of its two forms it comes."""

import json
from email.message import Message
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from services.api.problems.errors import InvalidRequest, NotJson, UnsupportedMediaType
from services.api.schemas.task import NewTask, ParentId, Title
from services.api.tasks.create import JSON
from services.api.transcript.markers import TranscriptUnreadable
from services.api.transcript.parser import read

MARKDOWN = "text/markdown"
FORMS = (JSON, MARKDOWN)

EXAMPLE = """\
<!-- backburner: developer -->

You are a storyteller.

<!-- backburner: user -->

Write a short offshoot to the lina trilogy.
"""

DESCRIBED: dict[str, Any] = {
    "required": True,
    "content": {
        JSON: {"schema": {"$ref": "#/components/schemas/NewTask"}},
        MARKDOWN: {
            "schema": {
                "type": "string",
                "description": "One message of the user's; or, with a marker line before each"
                " message as in an export, a conversation. A last `answer` is left out.",
            },
            "examples": {
                "question": {"value": "Why is the sky blue?\n"},
                "conversation": {"value": EXAMPLE},
            },
        },
    },
}
"""The ``requestBody`` in OpenAPI."""


async def _new_task(
    request: Request,
    title: Annotated[Title | None, Query(description="Takes the place of the body's.")] = None,
    parent_id: Annotated[ParentId | None, Query(description="Likewise.")] = None,
) -> NewTask:
    body = await _body(request)
    beside = {"title": title, "parent_id": parent_id}
    if isinstance(body, dict):
        body |= {name: value for name, value in beside.items() if value is not None}
    try:
        return NewTask.model_validate(body, from_attributes=True)
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise RequestValidationError(
            [one | {"loc": ("body", *one["loc"])} for one in found]
        ) from None


NewTaskDep = Annotated[NewTask, Depends(_new_task)]


async def _body(request: Request) -> object:
    kind = Message()
    kind["Content-Type"] = request.headers.get("content-type", "")
    form = kind.get_content_type()
    # JSON is UTF-8 whatever is said of it (RFC 8259).
    foreign = form == MARKDOWN and kind.get_content_charset("utf-8") not in ("utf-8", "utf8")
    if form not in FORMS or foreign:
        raise UnsupportedMediaType(FORMS)
    raw = await request.body()
    try:
        if form == MARKDOWN:
            return _written(raw.decode("utf-8-sig"))
        return json.loads(raw) if raw else None
    except json.JSONDecodeError as error:
        raise NotJson(str(error)) from None
    except (ValueError, RecursionError):  # also for a number of 5,000 digits
        raise HTTPException(400) from None


def _written(document: str) -> dict[str, Any]:
    """What the JSON body of the same conversation would say."""
    try:
        tasks = read(document)
    except TranscriptUnreadable as error:
        raise InvalidRequest([("body", f"Line {error.line}: {error.advice}")]) from None
    if len(tasks) > 1:
        advice = "hand in one, from its task marker up to the next."
        raise InvalidRequest([("body", f"This holds {len(tasks)} tasks: {advice}")])
    (task,) = tasks
    return {"title": task.title, "input": task.conversation}
