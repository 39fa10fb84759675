"""One client's connection, bounded where uvicorn's own is not: its head, its time, its number."""

import asyncio
from http import HTTPStatus
from typing import Any

from fastapi import Response
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from services.api.bootstrap.gathering import Gathering
from services.api.middleware.host_origin import SECURITY_HEADERS
from services.api.problems.responses import problem

MAX_HEAD = 64 * 1024
"""Bytes of a request line and its headers."""

BODY = {b"content-length", b"transfer-encoding"}
"""Headers that announce one."""


class HeadRefused(Exception):
    """Raised through the parser, which takes it for a request that it cannot read."""


class Connection(HttpToolsProtocol):
    """Refuses what is too large, too slow or one too many; ``limit_concurrency`` counts sockets.

    A client has ``head_seconds`` for a request's head, from its first byte or from connecting on,
    and then ``body_seconds`` for the body.
    """

    head_seconds = 10.0
    body_seconds = 60.0

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        # Uvicorn would let it go on until its head is there, and then answer in plain text.
        self._most, self.limit_concurrency = self.limit_concurrency, None
        self._refusal: Response | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._silent, self._in_head = True, False
        self._seen = 0

    def connection_made(
        self,
        transport: asyncio.Transport,  # type: ignore[override]  # -- it is one, as uvicorn knows
    ) -> None:
        """Let it in, or say that there are too many."""
        super().connection_made(Gathering(transport, self.loop))
        if self._most is not None and len(self.connections) > self._most:
            detail = "There are too many connections; try again shortly."
            self._refuse(problem(503, "too-many-connections", detail, headers={"Retry-After": "5"}))
        else:
            self._expect(self.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._expect(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head has become too long without an end."""
        goes_on = self._in_head
        super().data_received(data)
        if goes_on and self._in_head:
            self._seen += len(data)
            if self._seen > MAX_HEAD and not self.transport.is_closing():
                self._refuse(_too_large())

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._silent, self._in_head = False, True
        self._seen = 0
        self._expect(self.head_seconds)

    def on_headers_complete(self) -> None:
        """The head is there, perhaps all at once. Raises HeadRefused."""
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > MAX_HEAD:
            self._refusal = _too_large()
        elif self.parser.should_upgrade() and self._brings_body():
            # The parser takes what follows for the other protocol: the body would be lost.
            self._refusal = _bad("This server speaks HTTP/1.1 alone: send a body without Upgrade.")
        if self._refusal:
            raise HeadRefused
        self._in_head = False
        self._expect(self.body_seconds)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """All of the request is there."""
        self._expect(None)
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Say what is wrong as everything here does, not in plain text."""
        self._refuse(self._refusal or _bad(msg))

    def _unsupported_upgrade_warning(self) -> None:
        """Whoever offers another protocol is answered in this one, which needs no warning."""

    def _expect(self, seconds: float | None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
        if seconds is not None:
            self._deadline = self.loop.call_later(seconds, self._too_slow)

    def _too_slow(self) -> None:
        if self._awaits_answer():
            detail = "The request took too long to arrive."
            self._refuse(problem(408, "request-timeout", detail))
        else:
            self.transport.close()

    def _brings_body(self) -> bool:
        return any(name in BODY and value != b"0" for name, value in self.headers)

    def _awaits_answer(self) -> bool:
        """Not so a client that never said a word, nor one that is being answered or has been."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None or not cycle.response_started:
            return not self._silent
        return self._in_head and cycle.response_complete

    def _refuse(self, response: Response) -> None:
        """Answer before there is a request, and hang up."""
        status = HTTPStatus(response.status_code)
        headers = [*response.raw_headers, *SECURITY_HEADERS, (b"connection", b"close")]
        lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode()]
        lines += [name + b": " + value for name, value in headers]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(response.body)]))
        self.transport.close()


def _too_large() -> Response:
    detail = f"The request line and the headers are larger than {MAX_HEAD // 1024} KiB."
    return problem(431, "head-too-large", detail)


def _bad(detail: str) -> Response:
    return problem(400, "bad-request", detail)
