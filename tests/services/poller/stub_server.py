"""A server on this machine that misbehaves on the wire as the test wrote."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import orjson


@dataclass(frozen=True)
class Answer:
    """One answer; ``closes`` breaks off after it, ``more`` follows it without end."""

    raw: bytes = b""
    closes: bool = False
    more: bytes = b""


def answer(status: int, body: bytes = b"{}", **headers: str) -> Answer:
    """A whole answer; underscores in header names stand for hyphens."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return Answer("\r\n".join([*lines, "", ""]).encode() + body)


DROPPED = Answer(closes=True)
BROKEN_OFF = Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", closes=True)
DRIPPING = Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", more=b" ")


@dataclass
class Upstream:
    """Gives every request the same answer, and keeps what it was asked."""

    answer: Answer
    url: str = ""
    asked: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    sent: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                self.asked.append(" ".join(head.split()[:2]))
                self.heads.append(head)
                _, _, length = head.partition("content-length: ")
                self.bodies.append(
                    await reader.readexactly(int(length.split()[0] if length else 0))
                )
                writer.write(self.answer.raw)
                while self.answer.more:
                    writer.write(self.answer.more)
                    await writer.drain()
                    self.sent += len(self.answer.more)
                    await asyncio.sleep(0 if len(self.answer.more) > 1 else 0.01)
                if self.answer.closes:
                    return
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the client is gone, or the test is over: streams log a cancelled task
        finally:
            writer.close()

    @property
    def json(self) -> object:
        """The last body it was sent."""
        return orjson.loads(self.bodies[-1])


@asynccontextmanager
async def upstream(given: Answer) -> AsyncIterator[Upstream]:
    """A running one on a free port; its connections end with it."""
    served = Upstream(given)
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        connections.add(task)
        await served.serve(reader, writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    served.url = f"http://{host}:{port}/v1"
    try:
        yield served
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
