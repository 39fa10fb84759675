"""A store is known by its data and by its run; only a real server knows which run it is."""

from collections.abc import AsyncIterator
from itertools import count

import pytest
from redis.asyncio import Redis

from shared.store import IdentityReader, Store
from shared.store.connection import connection_pool
from tests.harness import Installation
from tests.shared import tasks

pytestmark = pytest.mark.integration


@pytest.fixture
async def redis(installation: Installation) -> AsyncIterator[Redis]:
    installation.valkey()
    redis = Redis.from_pool(connection_pool(installation.redis_url, retries=2, timeout=5))
    yield redis
    await redis.aclose()


@pytest.fixture
def origin(redis: Redis) -> IdentityReader:
    numbers = count()
    return IdentityReader(redis, lambda: f"store-{next(numbers)}")


async def test_a_store_keeps_its_identity_while_it_runs(
    origin: IdentityReader, redis: Redis
) -> None:
    identity, number = await origin.read()
    assert number == 0
    await tasks.accepted(Store(redis, "openai"))
    assert await origin.read() == (identity, 1)
    assert (await IdentityReader(redis, lambda: "another").read())[0] == identity


async def test_a_restarted_server_is_another_run_of_the_same_store(
    origin: IdentityReader, redis: Redis, installation: Installation
) -> None:
    before, _ = await origin.read()
    installation.processes[-1].stop()
    installation.valkey(port=redis.connection_pool.connection_kwargs["port"])
    after, _ = await origin.read()
    assert after.store == before.store
    assert after.run != before.run


async def test_an_emptied_store_is_another_one(origin: IdentityReader, redis: Redis) -> None:
    before, _ = await origin.read()
    await redis.flushall()
    after, _ = await origin.read()
    assert after.store != before.store
    assert after.run == before.run
