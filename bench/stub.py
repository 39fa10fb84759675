"""A provider that uses almost no CPU: every GET gets the same unfinished response."""

import asyncio
import os
import signal
import sys
import time
from typing import ClassVar

import orjson

AFTER = float(os.environ.get("ANSWER_AFTER", "0"))
"""Seconds from a request to its answer."""

_BODY = {
    "object": "response",
    "created_at": 1765339742,
    "status": "in_progress",
    "background": True,
    "error": None,
    "incomplete_details": None,
    "instructions": None,
    "max_output_tokens": None,
    "model": "gpt-5-pro-2025-10-06",
    "output": [],
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "reasoning": {"effort": "high", "summary": None},
    "store": True,
    "temperature": 1.0,
    "text": {"format": {"type": "text"}, "verbosity": "high"},
    "tool_choice": "auto",
    "tools": [{"type": "web_search", "user_location": None, "search_context_size": "high"}],
    "top_p": 1.0,
    "truncation": "disabled",
    "usage": None,
    "user": None,
    "metadata": {},
}


class Stub(asyncio.Protocol):
    """The HTTP/1.1 that GET and POST need; ``arrivals`` covers all connections.

    An arrival is a retrieved response id or a posted task id, with milliseconds since the epoch.
    """

    arrivals: ClassVar[list[tuple[str, float]]] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport for the answers."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        """Answer each complete request."""
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, rest = self.buffer.partition(b"\r\n\r\n")
            length = _length(head) if head.startswith(b"POST") else 0
            if len(rest) < length:
                return
            self.buffer = rest[length:]
            body = self._answer(head, rest[:length])
            reply = (
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
                % (len(body), body)
            )
            asyncio.get_running_loop().call_later(AFTER, self.transport.write, reply)

    def _answer(self, head: bytes, body: bytes) -> bytes:
        name = head.split(b" ", 2)[1].rpartition(b"/")[2].decode()
        match name:
            case "answered":
                return str(len(Stub.arrivals)).encode()
            case "arrivals":
                return orjson.dumps(Stub.arrivals)
            case "responses":
                name = orjson.loads(body)["metadata"]["task_id"]
                Stub.arrivals.append((name, 1000 * time.time()))
                return orjson.dumps({"id": f"resp_{name}", **_BODY})
        if name.startswith("resp_"):
            Stub.arrivals.append((name, 1000 * time.time()))
        return orjson.dumps({"id": name, **_BODY})


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


async def serve() -> None:
    """Listen on a free port, print it, and serve until SIGTERM."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Stub, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(serve()))
