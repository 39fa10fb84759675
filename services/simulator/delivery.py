"""Sends replies to the client: whole, late, in pieces, cut off, or not at all."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.simulator.errors import ApiError

CloseConnection = Callable[[Scope], None]
_PIECES = 20


@dataclass(frozen=True)
class Reply:
    """A status, a body and extra headers."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def ok(cls, content: object) -> "Reply":
        """Return the content as JSON with sorted keys, as the real service sends it."""
        return cls(200, orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))

    @classmethod
    def error(cls, error: ApiError) -> "Reply":
        """Return the error envelope."""
        return cls(error.status, orjson.dumps(error.envelope, option=orjson.OPT_INDENT_2))


@dataclass(frozen=True)
class Delivery:
    """How to send a reply; None closes the connection without one. Times are in seconds.

    The reply starts after ``wait`` and takes ``spread``; ``cut`` closes the connection half-way.
    """

    reply: Reply | None
    wait: float = 0
    spread: float = 0
    cut: bool = False

    @property
    def status(self) -> int | Literal["dropped"]:
        """The status for the request log."""
        return self.reply.status if self.reply else "dropped"


class DeliveryResponse(Response):
    """Sends a delivery. ``drop`` closes the connection of a request."""

    def __init__(self, delivery: Delivery, drop: CloseConnection) -> None:
        reply = delivery.reply or Reply(500, b"")
        super().__init__(reply.body, reply.status, reply.headers, "application/json")
        self._delivery = delivery
        self._drop = drop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the reply as the delivery says."""
        if self._delivery.wait and not await self._wait(receive):
            return
        if self._delivery.reply is None:
            await self._close(scope, receive)
        elif self._delivery.cut or self._delivery.spread:
            await self._send_in_pieces(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def _send_in_pieces(self, scope: Scope, receive: Receive, send: Send) -> None:
        start = {"type": "http.response.start", "status": self.status_code}
        await send({**start, "headers": self.raw_headers})
        body = bytes(self.body)
        size = len(body) // _PIECES + 1
        for offset in range(0, len(body), size):
            if self._delivery.cut and offset > len(body) // 2:
                return await self._close(scope, receive)
            piece = body[offset : offset + size]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(self._delivery.spread / _PIECES)
        return await send({"type": "http.response.body", "body": b""})

    async def _wait(self, receive: Receive) -> bool:
        """Wait as long as the delivery says; return False if the client disconnects before."""
        try:
            async with asyncio.timeout(self._delivery.wait):
                await _wait_for_disconnect(receive)
        except TimeoutError:
            return True
        return False

    async def _close(self, scope: Scope, receive: Receive) -> None:
        """Close the connection and wait until it is closed. Returning earlier would send a 500."""
        self._drop(scope)
        await _wait_for_disconnect(receive)


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
