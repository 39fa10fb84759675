"""A client of the event stream without a network: it can stop reading, and vanish."""

import asyncio
from collections import deque
from typing import Any, Self

from starlette.types import ASGIApp
from starlette.types import Message as Asgi

from tests.event_stream import Message, messages


def get(path: str, query: str = "", **headers: str) -> dict[str, Any]:
    """A GET request as uvicorn hands it on; ``_`` in a header's name stands for ``-``."""
    given = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(b"host", b"localhost"), *given],
        "state": {},
    }


class Follower:
    """One request for events, under way within ``async with``.

    It reads while ``reads`` is set, and stops by itself after a frame that contains ``stops_at``.
    """

    def __init__(self, app: ASGIApp, query: str = "", **headers: str) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.reads = asyncio.Event()
        self.reads.set()
        self.stops_at = b"\0"
        self._app = app
        self._scope = get("/v1/events", query, **headers)
        self._requested = False
        self._gone = asyncio.Event()
        self._arrived = asyncio.Event()
        self._messages: deque[Message] = deque()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._app(self._scope, self._receive, self._send))
        await self._news()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.vanish()

    async def next(self) -> Message:
        """The next message; none that has not come within 5 s."""
        while not self._messages:
            await self._news()
        return self._messages.popleft()

    @property
    def silent(self) -> bool:
        """Whether there is nothing that was not read."""
        return not self._messages

    async def vanish(self) -> None:
        """Close the connection; the server has let go of it when this returns."""
        self.reads.set()
        self._gone.set()
        await asyncio.wait_for(self._task, 5)

    async def ended(self) -> list[Message]:
        """What was left to read when the server ended the stream."""
        await asyncio.wait_for(asyncio.shield(self._task), 5)
        left = [*self._messages]
        self._messages.clear()
        return left

    async def _news(self) -> None:
        arrived = asyncio.create_task(self._arrived.wait())
        await asyncio.wait({arrived, self._task}, timeout=5, return_when=asyncio.FIRST_COMPLETED)
        assert arrived.done(), "nothing came"
        self._arrived.clear()

    async def _receive(self) -> Asgi:
        if not self._requested:
            self._requested = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Asgi) -> None:
        await self.reads.wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): text.decode() for name, text in message["headers"]}
            return
        self.body += message["body"]
        if self.stops_at in message["body"]:
            self.reads.clear()
        if self.status == 200:
            self._messages.extend(messages(message["body"].decode().split("\n")[:-1]))
        self._arrived.set()
