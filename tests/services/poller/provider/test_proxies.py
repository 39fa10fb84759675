"""Every call takes the same way, and no proxy on it sees the key of an HTTPS target."""

import asyncio
import socket
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from services.poller.provider.client import Provider
from shared.openai.model import ACTIVE

KEY = "sk-canary-0123456789"
HOST = "api.provider.test"
CALLS = {
    "model": f"GET {{}}/v1/models/{ACTIVE.name}",
    "create": "POST {}/v1/responses",
    "retrieve": "GET {}/v1/responses/resp_1",
    "cancel": "POST {}/v1/responses/resp_1/cancel",
    "delete": "DELETE {}/v1/responses/resp_1",
}
"""The request line of each call, but for the address that only a proxy is sent."""


@dataclass
class Recorder:
    """A proxy, or a server, that keeps all it is sent. A tunnel breaks off at its first bytes."""

    port: int = 0
    received: list[bytes] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.read(65536):
                self.received.append(head)
                if head.startswith(b"CONNECT"):
                    writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
                elif b"HTTP/1.1\r\n" in head:
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                else:
                    break
        finally:
            writer.close()

    @property
    def requests(self) -> list[str]:
        """Method and address of each request."""
        lines = [each.split(b" HTTP/1.1\r\n")[0] for each in self.received]
        return [line.decode() for line in lines if line.isascii() and b"\r\n" not in line]


@pytest.fixture
async def target(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Recorder]:
    """The provider, at HOST."""
    resolve = socket.getaddrinfo

    def resolve_here(host: Any, *args: Any, **kwargs: Any) -> Any:
        return resolve("127.0.0.1" if host in {HOST, HOST.encode()} else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_here)
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    async for recorder in record():
        yield recorder


@pytest.fixture
async def proxy() -> AsyncIterator[Recorder]:
    async for recorder in record():
        yield recorder


async def record() -> AsyncIterator[Recorder]:
    recorder = Recorder()
    server = await asyncio.start_server(recorder.serve, "127.0.0.1", 0)
    recorder.port = server.sockets[0].getsockname()[1]
    yield recorder
    server.close()


async def call_all(base_url: str) -> None:
    """Each of the calls once."""
    provider = Provider(KEY, base_url, submit_timeout=10, poll_timeout=10)
    await provider.retrieve_model()
    await provider.create([{"role": "user", "content": "Hello"}], "task_1", "task_1-1")
    await provider.retrieve("resp_1")
    await provider.cancel("resp_1")
    await provider.delete("resp_1")
    await provider.close()


@pytest.mark.parametrize("login", ["", "user:pass@"], ids=["open", "with login"])
@pytest.mark.parametrize("prefix", ["http://", ""], ids=["with scheme", "without scheme"])
@pytest.mark.parametrize(
    ("variable", "scheme"),
    [
        ("HTTPS_PROXY", "https"),
        ("ALL_PROXY", "https"),
        ("HTTP_PROXY", "http"),
        ("ALL_PROXY", "http"),
        ("https_proxy", "https"),
    ],
)
async def test_every_call_goes_through_the_proxy_and_hides_the_key_where_it_can(
    target: Recorder,
    proxy: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    scheme: str,
    prefix: str,
    login: str,
) -> None:
    monkeypatch.setenv(variable, f"{prefix}{login}127.0.0.1:{proxy.port}")
    address = f"{scheme}://{HOST}:{target.port}"
    await call_all(f"{address}/v1")
    assert not target.received
    if scheme == "https":
        assert proxy.requests == [f"CONNECT {HOST}:{target.port}"] * len(CALLS)
        assert KEY.encode() not in b"".join(proxy.received)
    else:
        assert proxy.requests == [line.format(address) for line in CALLS.values()]
    asks_login = b"proxy-authorization: basic " + b64encode(b"user:pass").lower() + b"\r\n"
    heads = [each.lower() for each in proxy.received if each.isascii()]
    assert [asks_login in head for head in heads] == [bool(login)] * len(CALLS)
    assert [head.count(b"proxy-authorization") for head in heads] == [bool(login)] * len(CALLS)


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    ("exempt", "direct"),
    [
        (HOST, True),
        (HOST.upper(), True),
        (HOST + ":{port}", True),
        ("provider.test", True),
        (".provider.test", True),
        ("*.provider.test", True),
        ("localhost, .provider.test", True),
        ("*", True),
        ("localhost,*", True),
        (HOST + ":1", False),
        ("vider.test", False),
        ("other.test", False),
    ],
)
async def test_every_call_obeys_no_proxy(
    target: Recorder,
    proxy: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    scheme: str,
    exempt: str,
    direct: bool,  # noqa: FBT001 -- a row of the table
) -> None:
    monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("NO_PROXY", exempt.format(port=target.port))
    await call_all(f"{scheme}://{HOST}:{target.port}/v1")
    assert bool(proxy.received) is not direct
    if not direct:
        assert not target.received
    elif scheme == "http":
        assert target.requests == [line.format("") for line in CALLS.values()]
    else:
        assert len(target.received) == len(CALLS)
        assert KEY.encode() not in b"".join(target.received)
