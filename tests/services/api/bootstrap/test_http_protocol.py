"""A client cannot hold the server by sending too much, too slowly or too often."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest
import uvicorn

from services.api.bootstrap.http_protocol import LimitedHttpProtocol
from services.api.bootstrap.socket import create_listener
from services.api.http.limits import MAX_HEADERS_BYTES

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Impatient(LimitedHttpProtocol):
    headers_timeout_s = 0.7
    body_timeout_s = 0.9


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
async def connect(
    service: Any, protocol: type[LimitedHttpProtocol]
) -> AsyncIterator[Callable[[], Any]]:
    """Opens a connection to a server that takes four at once."""
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
        port = listener.getsockname()[1]

        async def connect() -> Wire:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writers.append(writer)
            return reader, writer

        async with Server(config).serving(listener):
            yield connect
            for writer in writers:
                writer.close()


HOST = b"Host: localhost\r\n"
POST = b"POST /v1/tasks HTTP/1.1\r\nContent-Type: application/json\r\n" + HOST


async def rest(reader: asyncio.StreamReader) -> bytes:
    """What still comes until the server hangs up."""
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


async def test_what_is_in_order_is_served_again_and_again(connect: Any) -> None:
    reader, writer = await connect()
    body = b'{"input":"' + b"a" * 200_000 + b'"}'
    for _ in range(3):
        writer.write(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
        assert (await reader.readuntil(b'{"status":"ok"}')).startswith(b"HTTP/1.1 200 OK")
        writer.write(POST + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert (await reader.readline()).startswith(b"HTTP/1.1 202")
        length = int(re.findall(rb"content-length: (\d+)", await reader.readuntil(b"\r\n\r\n"))[0])
        assert len(await reader.readexactly(length)) > len(body)


LONG = b"a" * MAX_HEADERS_BYTES


@pytest.mark.parametrize("end", [b"\r\nConnection: close\r\n\r\n", b""], ids=["whole", "endless"])
@pytest.mark.parametrize(
    "begin",
    [
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: " + LONG,
        b"GET /healthz HTTP/1.1\r\n" + HOST + b"X: a\r\n" * (MAX_HEADERS_BYTES // 2) + b"Y: a",
        b"GET /" + LONG + b" HTTP/1.1\r\n" + HOST + b"X: a",
    ],
    ids=["value", "many", "path"],
)
async def test_headers_beyond_64_kib_are_rejected(connect: Any, begin: bytes, end: bytes) -> None:
    try:
        reply = await ask(await connect(), begin + end)
    except ConnectionResetError:  # what was sent after the answer found the connection closed
        return
    assert is_problem(reply, 431, "headers-too-large")


async def test_a_large_head_is_read_where_it_is_within_bounds(connect: Any) -> None:
    request = b"GET /healthz HTTP/1.1\r\n%sX: %s\r\nConnection: close\r\n\r\n"
    reply = await ask(await connect(), request % (HOST, b"a" * (MAX_HEADERS_BYTES - 1000)))
    assert reply.startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("noise", [b"\r\n\r\nhello\r\n\r\n", b"\x16\x03\x01\x02", b"GET\r\n\r\n"])
async def test_noise_is_refused_in_good_form(connect: Any, noise: bytes) -> None:
    assert is_problem(await ask(await connect(), noise), 400, "bad-request")


async def drip(writer: asyncio.StreamWriter, drop: bytes) -> None:
    """One drop after the other, each well before any time is over."""
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
async def test_a_client_that_takes_for_ever_is_sent_away(
    connect: Any, begin: bytes, drop: bytes, capfd: pytest.CaptureFixture[str]
) -> None:
    wire = await connect()
    wire[1].write(begin)
    dripping = asyncio.create_task(drip(wire[1], drop))
    began = asyncio.get_running_loop().time()
    try:
        reply = await rest(wire[0])
    except ConnectionResetError:  # the drop that comes last finds nobody
        reply = b""
    took = asyncio.get_running_loop().time() - began
    dripping.cancel()
    assert (
        not reply or is_problem(reply, 408, "request-timeout") or reply.startswith(b"HTTP/1.1 404")
    )
    assert took < 5
    assert "Traceback" not in "".join(capfd.readouterr())


@impatient
async def test_a_second_request_has_no_more_time_than_the_first(connect: Any) -> None:
    reader, writer = await connect()
    writer.write(b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n")
    await reader.readuntil(b'{"status":"ok"}')
    writer.write(b"GET /heal")
    assert is_problem(await rest(reader), 408, "request-timeout")


@impatient
async def test_an_answer_may_take_longer_than_its_request(connect: Any) -> None:
    reader, writer = await connect()
    writer.write(b"GET /v1/events HTTP/1.1\r\n" + HOST + b"\r\n")
    async with asyncio.timeout(5):
        assert await reader.readuntil(b": heartbeat")


@impatient
async def test_who_connects_and_says_nothing_is_hung_up_on_without_a_word(connect: Any) -> None:
    reader, _ = await connect()
    assert await rest(reader) == b""


async def test_one_connection_too_many_is_told_so_and_the_others_go_on(connect: Any) -> None:
    wires = [await connect() for _ in range(4)]
    reader, _ = await connect()
    assert is_problem(await rest(reader), 503, "too-many-connections")
    request = b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
    for wire in wires:
        assert (await ask(wire, request)).startswith(b"HTTP/1.1 200")
    assert (await ask(await connect(), request)).startswith(b"HTTP/1.1 200")


async def test_a_websocket_is_not_spoken_here(connect: Any) -> None:
    upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    request = b"GET /v1/events/socket HTTP/1.1\r\n" + HOST + upgrade
    reader, writer = await connect()
    writer.write(request + b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 404")


UPGRADE = b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
NONE = b"Content-Length: 0\r\n\r\n"


async def test_who_offers_another_protocol_is_answered_in_this_one(
    connect: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """And the log advises nobody to install anything."""
    reader, writer = await connect()
    for _ in range(2):
        writer.write(b"GET /healthz HTTP/1.1\r\n" + HOST + UPGRADE + NONE)
        assert (await reader.readuntil(b'{"status":"ok"}')).startswith(b"HTTP/1.1 200 OK")
    assert not caplog.records


async def test_an_offer_with_a_body_is_ignored_and_the_body_read(connect: Any) -> None:
    """As Java's client and `curl --http2` send it."""
    body = b'{"input": "Why?"}'
    request = POST + UPGRADE + b"Content-Length: %d\r\n\r\n" % len(body) + body
    reader, writer = await connect()
    writer.write(request)
    assert (await reader.readline()).startswith(b"HTTP/1.1 202")
