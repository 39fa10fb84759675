"""Adds the limits that uvicorn's HTTP protocol lacks: time to send and read, and connections."""

import asyncio
import sys
from http import HTTPStatus
from typing import Any

import h11
from fastapi import Response
from uvicorn.protocols.http.h11_impl import H11Protocol

from services.api.http.security_headers import SECURITY_HEADERS
from services.api.problems.document import problem
from services.api.problems.responses import headers_too_large


class LimitedHttpProtocol(H11Protocol):
    """Rejects slow requests and surplus connections with problem documents.

    A client has ``headers_timeout_s`` for the request line and headers, counted from connecting or
    from the end of the previous response, and then ``body_timeout_s`` for the body.
    While it does not read a response fast enough, which is about 64 KiB within ``write_timeout_s``,
    it loses the connection.
    ``limit_concurrency`` counts connections: the surplus one gets a 503, the others go on.
    """

    headers_timeout_s = 10.0
    body_timeout_s = 60.0
    write_timeout_s = 30.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 -- uvicorn's own
        super().__init__(*args, **kwargs)
        # Uvicorn would answer 503 to every client while the limit is reached.
        self._max_connections, self.limit_concurrency = self.limit_concurrency, None
        self._receiving: tuple[object, object] | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self._write_deadline: asyncio.TimerHandle | None = None

    def connection_made(
        self,
        transport: asyncio.Transport,  # type: ignore[override]  # -- as uvicorn has it
    ) -> None:
        """Start the clock, or reject the connection."""
        super().connection_made(transport)
        self._set_deadline()
        if self._max_connections is not None and len(self.connections) > self._max_connections:
            detail = "Connection limit of this server reached. Try again in 5 s."
            self._reject(problem(503, "too-many-connections", detail, headers={"Retry-After": "5"}))

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        for deadline in (self._deadline, self._write_deadline):
            if deadline is not None:
                deadline.cancel()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Start the clock: the send buffer is full."""
        super().pause_writing()
        self._write_deadline = self.loop.call_later(self.write_timeout_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop the clock: the client has read."""
        if self._write_deadline is not None:
            self._write_deadline.cancel()
        super().resume_writing()

    def handle_events(self) -> None:
        """Process what has arrived; a new phase of the request starts the clock again."""
        super().handle_events()
        self._set_deadline()

    def send_400_response(self, msg: str) -> None:
        """Answer a request that h11 cannot read: 431 for too many bytes of headers, else 400."""
        error = sys.exception()
        if isinstance(error, h11.RemoteProtocolError) and error.error_status_hint == 431:  # noqa: PLR2004 -- HTTP
            self._reject(headers_too_large())
        else:
            self._reject(problem(400, "bad-request", f"{msg} Send HTTP/1.1."))

    def _unsupported_upgrade_warning(self) -> None:
        # Java's client and `curl --http2` offer h2c with every request; ignoring it is correct
        # (RFC 9110, 7.8), and uvicorn's warning would advise to install a WebSocket library.
        pass

    def _set_deadline(self) -> None:
        state = self.conn.their_state
        # A byte now and then must not extend the time: only a new request or phase does.
        if self._receiving == (self.cycle, state):
            return
        self._receiving = (self.cycle, state)
        if self._deadline is not None:
            self._deadline.cancel()
        timeouts = {h11.IDLE: self.headers_timeout_s, h11.SEND_BODY: self.body_timeout_s}
        timeout_s = timeouts.get(state)
        if timeout_s is not None:
            self._deadline = self.loop.call_later(timeout_s, self._time_out)

    def _time_out(self) -> None:
        if self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0]:
            self.transport.close()  # The client has sent nothing, so nothing is answered.
            return
        detail = (
            f"The request did not arrive in time: {self.headers_timeout_s:g} s for its headers,"
            f" {self.body_timeout_s:g} s for its body. Send it again without pauses."
        )
        self._reject(problem(408, "request-timeout", detail))

    def _reject(self, response: Response) -> None:
        """Send the response unless another one has begun, and close the connection."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            headers = [*response.raw_headers, *SECURITY_HEADERS, (b"connection", b"close")]
            status = HTTPStatus(response.status_code)
            for event in (
                h11.Response(status_code=status, headers=headers, reason=status.phrase.encode()),
                h11.Data(data=bytes(response.body)),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()
