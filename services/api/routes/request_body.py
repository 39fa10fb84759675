"""Lets a conversation arrive as Markdown where FastAPI reads JSON."""

from collections.abc import Callable, Coroutine
from email.message import Message
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message as AsgiMessage

from services.api.http.media_types import JSON, MARKDOWN
from services.api.problems.errors import InvalidRequest, MalformedBody, UnsupportedMediaType
from services.api.transcript.markers import TranscriptError
from services.api.transcript.parser import read

MEDIA_TYPES = (JSON, MARKDOWN)

EXAMPLE = """\
<!-- backburner: developer -->

You are a storyteller.

<!-- backburner: user -->

Write a short offshoot to the lina trilogy.
"""

MARKDOWN_BODY: dict[str, Any] = {
    "content": {
        MARKDOWN: {
            "schema": {
                "type": "string",
                "description": "One message of the user; or a conversation, with a marker line"
                " before each message as in an export. An `answer` at the end is left out.",
            },
            "examples": {
                "question": {"value": "Why is the sky blue?\n"},
                "conversation": {"value": EXAMPLE},
            },
        },
    },
}
"""What OpenAPI's ``requestBody`` says beside JSON."""


class ConversationRoute(APIRoute):
    """A route whose JSON body may come as Markdown; it is converted before FastAPI reads it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, behind the conversion."""
        handle = super().get_route_handler()

        async def convert_and_handle(request: Request) -> Response:
            content_type = Message()
            content_type["Content-Type"] = request.headers.get("content-type", "")
            media_type = content_type.get_content_type()
            # JSON is UTF-8 whatever the charset (RFC 8259).
            utf8 = content_type.get_content_charset("utf-8") in ("utf-8", "utf8")
            if media_type not in MEDIA_TYPES or (media_type == MARKDOWN and not utf8):
                raise UnsupportedMediaType(MEDIA_TYPES)
            return await handle(await _to_json(request) if media_type == MARKDOWN else request)

        return convert_and_handle


async def _to_json(request: Request) -> Request:
    try:
        text = (await request.body()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedBody(f"is not valid UTF-8 (byte {error.start})") from None
    body = orjson.dumps(_parse_markdown(text))

    async def receive() -> AsgiMessage:
        return {"type": "http.request", "body": body}

    others = [header for header in request.scope["headers"] if header[0] != b"content-type"]
    headers = [*others, (b"content-type", JSON.encode())]
    return Request({**request.scope, "headers": headers}, receive)


def _parse_markdown(text: str) -> dict[str, Any]:
    """The JSON body of the same conversation."""
    try:
        tasks = read(text)
    except TranscriptError as error:
        raise InvalidRequest([("body", f"Line {error.line}: {error.advice}")]) from None
    if len(tasks) > 1:
        message = f"This contains {len(tasks)} tasks: send one, from its task marker to the next."
        raise InvalidRequest([("body", message)])
    (task,) = tasks
    return {"title": task.title, "input": task.conversation}
