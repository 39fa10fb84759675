"""What goes back to the client, and how well it travels."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from services.simulator.errors import ApiError

Drop = Callable[[Scope], None]
_PIECES = 20


@dataclass(frozen=True)
class Reply:
    """A status, a body and headers of its own."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, content: object) -> "Reply":
        """`content` as JSON, its keys sorted as the real service sorts them."""
        return cls(200, orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))

    @classmethod
    def refusing(cls, error: ApiError) -> "Reply":
        """The error envelope."""
        return cls(error.status, orjson.dumps(error.envelope, option=orjson.OPT_INDENT_2))


@dataclass(frozen=True)
class Delivery:
    """A reply, or None to close the connection without one; times are seconds.

    It starts after `wait`, its body is spread over `spread`, and `cut` closes it half-way.
    """

    reply: Reply | None
    wait: float = 0
    spread: float = 0
    cut: bool = False

    @property
    def status(self) -> int | Literal["dropped"]:
        """What the ledger says was sent."""
        return self.reply.status if self.reply else "dropped"


class DeliveryResponse(Response):
    """Carries a delivery out; `drop` closes the connection of a request."""

    def __init__(self, delivery: Delivery, drop: Drop) -> None:
        reply = delivery.reply or Reply(500, b"")
        super().__init__(reply.body, reply.status, reply.headers, "application/json")
        self._delivery = delivery
        self._drop = drop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the reply, or as much of it as the delivery lets through."""
        if self._delivery.wait and not await self._waited(receive):
            return
        if self._delivery.reply is None:
            await self._hang_up(scope, receive)
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
                return await self._hang_up(scope, receive)
            piece = body[offset : offset + size]
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(self._delivery.spread / _PIECES)
        return await send({"type": "http.response.body", "body": b""})

    async def _waited(self, receive: Receive) -> bool:
        """Wait as long as the delivery says; False if the client leaves before."""
        try:
            async with asyncio.timeout(self._delivery.wait):
                await _client_left(receive)
        except TimeoutError:
            return True
        return False

    async def _hang_up(self, scope: Scope, receive: Receive) -> None:
        """Close the connection, and return when it is closed: the server would send a 500."""
        self._drop(scope)
        await _client_left(receive)


async def _client_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
