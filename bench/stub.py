"""A provider that costs almost nothing: every GET gets the same unfinished response."""

import asyncio
import signal
import sys

import orjson

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
    """HTTP/1.1 as far as a GET without a body needs it; ``answered`` counts all connections."""

    answered = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport to answer on."""
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        self.buffer += data
        while b"\r\n\r\n" in self.buffer:
            head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
            path = head.split(b" ", 2)[1]
            name = path.rpartition(b"/")[2].decode()
            if name == "answered":
                body = str(Stub.answered).encode()
            else:
                Stub.answered += name.startswith("resp_")
                body = orjson.dumps({"id": name, **_BODY})
            self.transport.write(  # type: ignore[attr-defined]  # -- it is a write transport
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
                % (len(body), body)
            )


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
