"""Sends the page's scripts and styles without their comments, a third of what these weigh.

No line moves, so that what a browser says of a line is true of the file.
"""

import re

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_COMMENT = re.compile(rb"^[ \t]*/\*(?:(?!\*/).)*\*/[ \t]*$", re.MULTILINE | re.DOTALL)
"""One that has its lines to itself; what stands beside code stays."""

_PARTS = (b"text/javascript", b"text/css")
_DOCS = "/docs"
"""Swagger UI is not ours, and megabytes."""

OK = 200


def bare(source: bytes) -> bytes:
    """The same lines, those of comments empty."""
    return _COMMENT.sub(lambda found: b"\n" * found[0].count(b"\n"), source)


class Bare:
    """Touches only whole files; whoever asks for a range of one gets the whole."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a file that is touched is sent in one piece."""
        if scope["type"] != "http" or scope["path"].startswith((_DOCS, "/v1/")):
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def send_bare(message: Message) -> None:
            if not held and not _is_part(message):
                await send(message)
                return
            held.append(message)
            if len(held) > 1 and not message.get("more_body"):
                await _send_one(held, send)

        # In place: the log reads from it which route was found.
        scope["headers"] = [each for each in scope["headers"] if each[0] != b"range"]
        await self._app(scope, receive, send_bare)


async def _send_one(messages: list[Message], send: Send) -> None:
    start, *bodies = messages
    body = bare(b"".join(each.get("body", b"") for each in bodies))
    headers = MutableHeaders(raw=start["headers"])
    headers["content-length"] = str(len(body))
    del headers["accept-ranges"]
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _is_part(message: Message) -> bool:
    if message["type"] != "http.response.start" or message["status"] != OK:
        return False
    kinds = [value for name, value in message["headers"] if name.lower() == b"content-type"]
    return kinds[0].startswith(_PARTS) if kinds else False
