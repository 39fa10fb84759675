"""A machine is healthy while one of its own pollers speaks."""

import asyncio
import socket
from collections.abc import Iterator
from threading import Thread

import pytest
from fakeredis import TcpFakeServer
from redis.asyncio import Redis

from services.poller import cli_health
from shared.store import PollerRegistry


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where a store listens; the poller's settings lead there."""
    with TcpFakeServer(("127.0.0.1", 0)) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        host, port = server.server_address[:2]
        monkeypatch.setenv("REDIS_URL", f"redis://{host}:{port}/0")
        yield f"redis://{host}:{port}/0"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("poller", "code"),
    [(f"{socket.gethostname()}:7", 0), ("another-host:7", 1), (f"{socket.gethostname()}x:7", 1)],
    ids=["one of ours", "another's", "one with a longer name"],
)
def test_only_a_poller_of_this_machine_counts(address: str, poller: str, code: int) -> None:
    async def beat() -> None:
        async with Redis.from_url(address) as redis:
            await PollerRegistry(redis, "openai").beat(poller, 10_000)

    asyncio.run(beat())
    assert cli_health.main() == code


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "nonsense"])
def test_without_redis_the_exit_code_is_1(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("REDIS_URL", url)
    assert cli_health.main() == 1
