"""A client cannot hold the server by sending too much, too slowly or over too many connections."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest
import uvicorn

from services.api.bootstrap.http_protocol import LimitedHttpProtocol
from services.api.bootstrap.socket import create_listener
from services.api.http.limits import MAX_HEADERS_BYTES

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Wire]]

HOST = b"Host: localhost\r\n"
GET = b"GET /healthz HTTP/1.1\r\n" + HOST
POST = b"POST /v1/tasks HTTP/1.1\r\nContent-Type: application/json\r\n" + HOST
HEALTHY = b'{"status":"ok"}'


class Impatient(LimitedHttpProtocol):
    headers_timeout_s = 0.7
    body_timeout_s = 0.9
    write_timeout_s = 0.5


impatient = pytest.mark.parametrize("protocol", [Impatient])


class Server(uvicorn.Server):
    """One that leaves signals alone."""

    @asynccontextmanager
    async def serving(self, listener: Any) -> AsyncIterator[None]:
        self.lifespan = self.config.lifespan_class(self.config)
        await self.startup(sockets=[listener])
        try:
            yield
        finally:
            await self.shutdown(sockets=[listener])


@pytest.fixture
def protocol() -> type[LimitedHttpProtocol]:
    return LimitedHttpProtocol


@pytest.fixture
async def connect(service: Any, protocol: type[LimitedHttpProtocol]) -> AsyncIterator[Connect]:
    """Opens a connection to a server that accepts four at once."""
    config = uvicorn.Config(
        service.app(broadcaster=service.broadcaster(heartbeat=1.0)),
        http=protocol,
        h11_max_incomplete_event_size=MAX_HEADERS_BYTES,
        ws="none",
        log_config=None,
        lifespan="off",
        limit_concurrency=4,
        timeout_graceful_shutdown=1,
    )
    config.load()
    writers = []
    with closing(create_listener("127.0.0.1", 0)) as listener:

        async def connect() -> Wire:
            reader, writer = await asyncio.open_connection(*listener.getsockname())
            writers.append(writer)
            return reader, writer

        async with Server(config).serving(listener):
            yield connect
            for writer in writers:
                writer.close()


async def rest(reader: asyncio.StreamReader) -> bytes:
    """What arrives until the server closes the connection."""
    async with asyncio.timeout(5):
        return await reader.read()


async def ask(wire: Wire, request: bytes) -> bytes:
    wire[1].write(request)
    return await rest(wire[0])


def is_problem(reply: bytes, status: int, kind: str) -> bool:
    head, _, body = reply.partition(b"\r\n\r\n")
    return (
        head.startswith(b"HTTP/1.1 %d " % status)
        and f"urn:backburner:problem:{kind}".encode() in body
        and b"content-security-policy" in head
        and f"content-length: {len(body)}".encode() in head
    )


async def test_a_connection_is_kept_and_its_requests_answered(connect: Connect) -> None:
    reader, writer = await connect()
    body = b'{"input":"' + b"a" * 200_000 + b'"}'
    for _ in range(3):
        writer.write(GET + b"\r\n")
        assert (await reader.readuntil(HEALTHY)).startswith(b"HTTP/1.1 200 OK")
        writer.write(POST + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert (await reader.readline()).startswith(b"HTTP/1.1 202")
        length = int(re.findall(rb"content-length: (\d+)", await reader.readuntil(b"\r\n\r\n"))[0])
        assert len(await reader.readexactly(length)) > len(body)


@pytest.mark.parametrize("end", [b"\r\nConnection: close\r\n\r\n", b""], ids=["whole", "endless"])
@pytest.mark.parametrize(
    "begin",
    [
        GET + b"X: " + b"a" * MAX_HEADERS_BYTES,
        GET + b"X: a\r\n" * (MAX_HEADERS_BYTES // 2) + b"Y: a",
        b"GET /" + b"a" * MAX_HEADERS_BYTES + b" HTTP/1.1\r\n" + HOST + b"X: a",
    ],
    ids=["value", "many", "path"],
)
async def test_headers_beyond_64_kib_are_a_431(connect: Connect, begin: bytes, end: bytes) -> None:
    try:
        reply = await ask(await connect(), begin + end)
    except ConnectionResetError:  # what was sent after the answer found the connection closed
        return
    assert is_problem(reply, 431, "headers-too-large")


async def test_headers_within_64_kib_are_accepted(connect: Connect) -> None:
    request = GET + b"Connection: close\r\nX: " + b"a" * (MAX_HEADERS_BYTES - 1000) + b"\r\n\r\n"
    assert (await ask(await connect(), request)).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "noise",
    [
        b"\r\n\r\nhello\r\n\r\n",
        b"\x16\x03\x01\x02",
        b"GET\r\n\r\n",
        GET + HOST + b"\r\n",
        GET + b"Content-Length: " + b"1" * 5_000 + b"\r\n\r\n",
    ],
    ids=["words", "tls", "method", "two hosts", "length"],
)
async def test_what_is_not_http_is_a_400(connect: Connect, noise: bytes) -> None:
    assert is_problem(await ask(await connect(), noise), 400, "bad-request")


LARGE = b'{"input":"' + b"a" * 3_000_000 + b'"}'
SUBMISSION = POST + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(LARGE) + LARGE


@impatient
async def test_a_client_that_reads_a_response_too_slowly_loses_its_connection(
    connect: Connect,
) -> None:
    _, writer = await connect()
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(writer.get_extra_info("peername"))
        slow.setblocking(False)
        loop, read = asyncio.get_running_loop(), 0
        await loop.sock_sendall(slow, SUBMISSION)
        end = loop.time() + 3 * Impatient.write_timeout_s
        async with asyncio.timeout(10):
            # What the kernel has taken still arrives after the server has closed.
            while piece := await loop.sock_recv(slow, 500 if loop.time() < end else 65536):
                read += len(piece)
                await asyncio.sleep(0.05 if loop.time() < end else 0)  # 10 kB/s is the fault
    assert 0 < read < len(LARGE) / 2


@impatient
async def test_a_large_response_arrives_whole_at_a_client_that_reads(connect: Connect) -> None:
    head, _, body = (await ask(await connect(), SUBMISSION)).partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head
    assert b"a" * 3_000_000 in body


async def drip(writer: asyncio.StreamWriter, drop: bytes) -> None:
    """Send a drop every 0.05 s, so that the connection is never silent for long."""
    while not writer.is_closing():
        writer.write(drop)
        await asyncio.sleep(0.05)


@impatient
@pytest.mark.parametrize(
    ("begin", "drop"),
    [
        (b"GET /healthz HTTP/1.1\r\n", b"X: a\r\n"),
        (b"GET /", b"a"),
        (POST + b"Content-Length: 100000\r\n\r\n", b"a"),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n"),
        (b"POST /v1/webhooks/openai HTTP/1.1\r\n" + HOST + b"Content-Length: 9000\r\n\r\n", b"a"),
    ],
    ids=["headers", "path", "body", "chunks", "webhook"],
)
async def test_a_request_that_drips_in_times_out(
    connect: Connect, begin: bytes, drop: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    wire = await connect()
    dripping = asyncio.create_task(drip(wire[1], drop))
    began = asyncio.get_running_loop().time()
    try:
        reply = await ask(wire, begin)
    except ConnectionResetError:  # the last drop found the connection closed
        reply = b""
    took = asyncio.get_running_loop().time() - began
    dripping.cancel()
    timed_out = not reply or is_problem(reply, 408, "request-timeout")
    assert timed_out or reply.startswith(b"HTTP/1.1 404")
    assert took < 5
    assert "Traceback" not in "".join(capfd.readouterr())


@impatient
async def test_a_second_request_has_no_more_time_than_the_first(connect: Connect) -> None:
    reader, writer = await connect()
    writer.write(GET + b"\r\n")
    await reader.readuntil(HEALTHY)
    assert is_problem(await ask((reader, writer), b"GET /heal"), 408, "request-timeout")


@impatient
async def test_a_response_may_take_longer_than_its_request(connect: Connect) -> None:
    reader, writer = await connect()
    writer.write(b"GET /v1/events HTTP/1.1\r\n" + HOST + b"\r\n")
    async with asyncio.timeout(5):
        assert await reader.readuntil(b": heartbeat")


@impatient
async def test_a_silent_connection_is_closed_without_a_response(connect: Connect) -> None:
    assert await ask(await connect(), b"") == b""


async def test_a_surplus_connection_gets_a_503_and_the_others_go_on(connect: Connect) -> None:
    wires = [await connect() for _ in range(4)]
    assert is_problem(await ask(await connect(), b""), 503, "too-many-connections")
    for wire in wires:
        assert (await ask(wire, GET + b"Connection: close\r\n\r\n")).startswith(b"HTTP/1.1 200")
    reply = await ask(await connect(), GET + b"Connection: close\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("protocol_name", [b"websocket", b"h2c"])
async def test_an_upgrade_is_ignored_and_its_body_read(
    connect: Connect, protocol_name: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """As Java's client and `curl --http2` send it; the log does not advise to install anything."""
    body = b'{"input": "Why?"}'
    upgrade = b"Connection: Upgrade\r\nUpgrade: %b\r\n" % protocol_name
    reader, writer = await connect()
    for _ in range(2):
        writer.write(GET + upgrade + b"\r\n")
        assert (await reader.readuntil(HEALTHY)).startswith(b"HTTP/1.1 200 OK")
    writer.write(POST + upgrade + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert (await reader.readline()).startswith(b"HTTP/1.1 202")
    assert not [record for record in caplog.records if record.name.startswith("uvicorn")]
