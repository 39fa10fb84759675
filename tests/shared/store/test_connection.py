"""What the pool of connections promises: addresses, bytes, and an end to waiting."""

import asyncio

import pytest
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.domain.errors import InvalidSetting
from shared.store.connection import connection_pool


@pytest.mark.parametrize("url", ["nonsense", "http://:s3cret@h", "redis://:s3cret@h:port/0"])
def test_a_wrong_address_is_named_and_not_shown(url: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        connection_pool(url, retries=0, timeout=1)
    assert refused.value.message.startswith("REDIS_URL")
    assert "s3cret" not in refused.value.message
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        *((f"redis://:s3{sign}cret@h:1/0", "%2F, %3F and %23") for sign in "/?#"),
        ("redis://:s3cret@h:1/abc", "not a number: use /0"),
        ("rediss://h/0/1", "not a number: use /0"),
    ],
)
def test_what_would_be_read_as_something_else_is_named(url: str, advice: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        connection_pool(url, retries=0, timeout=1)
    assert refused.value.message.startswith("REDIS_URL")
    assert advice in refused.value.message
    assert "cret" not in refused.value.message


@pytest.mark.parametrize(
    "url",
    [
        "redis://h:1/0",
        "redis://h",
        "redis://:%2F%3F%23@h/",
        "rediss://:s3cret@h",
        "unix:///tmp/valkey.sock",
    ],
)
def test_a_right_address_is_not_connected_to_yet(url: str) -> None:
    assert connection_pool(url, retries=0, timeout=1)


async def test_a_server_that_takes_connections_and_says_nothing_is_given_up_in_time() -> None:
    """As one that is frozen does; the retry, and what redis-py does of itself, included."""

    async def silence(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        silent.append(writer)

    silent: list[asyncio.StreamWriter] = []
    async with await asyncio.start_server(silence, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        pool = connection_pool(f"redis://127.0.0.1:{port}", retries=1, timeout=0.1)
        async with asyncio.timeout(5):
            with pytest.raises(RedisError):
                await Redis(connection_pool=pool).ping()
        for writer in silent:
            writer.close()
    assert silent
