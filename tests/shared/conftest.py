"""A store that lives in this process, empty for every test."""

from collections.abc import AsyncIterator

import pytest
from fakeredis import FakeAsyncRedis, FakeServer
from redis.asyncio import Redis

from shared.store import Store


@pytest.fixture
async def redis() -> AsyncIterator[Redis]:
    server = FakeAsyncRedis(server=FakeServer())
    yield server
    await server.aclose()


@pytest.fixture
def store(redis: Redis) -> Store:
    """The records, without confirmations: only a real server can say what is on its disk."""
    return Store(redis, "openai", confirm=False)
