"""Reads the body of a conversation: as Markdown or JSON, with bounds, large ones one at a time."""

import asyncio
from collections.abc import Callable, Coroutine
from email.message import Message
from json import JSONDecodeError
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError

from services.api.auth.principal import Principal
from services.api.http.json_body import TooManyValues, parse_json
from services.api.http.limits import LARGE_BODY_BYTES, MAX_JSON_VALUES
from services.api.http.media_types import JSON, MARKDOWN
from services.api.problems.errors import InvalidRequest, MalformedBody, UnsupportedMediaType
from services.api.problems.responses import UNREADABLE
from services.api.routes.action_route import ActionRoute
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


class ConversationRoute(ActionRoute):
    """A route whose JSON body may come as Markdown; it is parsed before FastAPI reads it.

    One without a body is an ActionRoute.
    """

    media_types: tuple[str, ...] = MEDIA_TYPES

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, behind the parser."""
        if self.body_field is None:
            return super().get_route_handler()
        handle = APIRoute.get_route_handler(self)
        model: Any = self.body_field.field_info.annotation

        async def parse_and_handle(request: Request) -> Response:
            content_type = Message()
            content_type["Content-Type"] = request.headers.get("content-type", "")
            media_type = content_type.get_content_type()
            # JSON is UTF-8 whatever the charset (RFC 8259).
            utf8 = content_type.get_content_charset("utf-8") in ("utf-8", "utf8")
            if media_type not in self.media_types or (media_type == MARKDOWN and not utf8):
                raise UnsupportedMediaType(self.media_types)
            body = await request.body()
            if not body and media_type == JSON:
                return await handle(request)
            parse = _parse_markdown if media_type == MARKDOWN else _parse_json
            if len(body) <= LARGE_BODY_BYTES:
                return await handle(_ParsedRequest(request, parse(body)))
            # Parsing holds the GIL for a few ms: many at once would delay everybody's requests.
            principal: Principal | None = getattr(request.state, "principal", None)
            owner = principal and principal.owner
            async with request.app.state.context.large_texts.slot(owner):
                parsed = await asyncio.to_thread(_validated, model, parse, body)
                return await handle(_ParsedRequest(request, parsed))

        return parse_and_handle


class _ParsedRequest(Request):
    """A request whose body has been parsed."""

    def __init__(self, request: Request, parsed: object) -> None:
        others = [header for header in request.scope["headers"] if header[0] != b"content-type"]
        headers = [*others, (b"content-type", JSON.encode())]
        super().__init__({**request.scope, "headers": headers}, request.receive)
        self._parsed = parsed

    async def body(self) -> bytes:
        return b"{}"  # FastAPI only checks that there is one

    async def json(self) -> object:
        return self._parsed


def _validated(model: type[BaseModel], parse: Callable[[bytes], object], body: bytes) -> object:
    """The parsed body, validated if it is valid, so that FastAPI need not do it on the loop."""
    parsed = parse(body)
    try:
        return model.model_validate(parsed)
    except ValidationError:
        return parsed


def _parse_json(body: bytes) -> object:
    try:
        return parse_json(body)
    except TooManyValues:
        message = (
            f"The body has more than {MAX_JSON_VALUES:,} JSON values. Send fewer messages or parts."
        )
        raise InvalidRequest([("body", message)]) from None
    except JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise MalformedBody(f"is not valid JSON ({place}): {error.msg}") from None
    except (ValueError, RecursionError):
        raise MalformedBody(UNREADABLE) from None


def _parse_markdown(body: bytes) -> dict[str, Any]:
    """The JSON body of the same conversation."""
    try:
        tasks = read(body.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise MalformedBody(f"is not valid UTF-8 (byte {error.start})") from None
    except TranscriptError as error:
        raise InvalidRequest([("body", f"Line {error.line}: {error.advice}")]) from None
    if len(tasks) > 1:
        message = f"This contains {len(tasks)} tasks: send one, from its task marker to the next."
        raise InvalidRequest([("body", message)])
    (task,) = tasks
    return {"title": task.title, "input": task.conversation}
