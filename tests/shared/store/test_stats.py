"""How full a store is by its own account, and how long its queue has waited."""

import pytest
from redis.asyncio import Redis

from shared.queue import queue_name
from shared.store import Memory, Store, clock


@pytest.mark.parametrize(
    ("info", "memory"),
    [
        ({"used_memory": 10, "maxmemory": 0}, Memory(10, None)),
        ({"used_memory": 10, "maxmemory": 20}, Memory(10, 20)),
        (
            {"used_memory": 10, "maxmemory": 20, "mem_not_counted_for_evict": 3},
            Memory(7, 20),
        ),
        ({"used_memory": "10"}, Memory(10, None)),
    ],
)
def test_memory_is_measured_as_the_server_measures_its_limit(
    info: dict[str, int], memory: Memory
) -> None:
    assert Memory.read(info) == memory


async def test_memory_is_none_where_the_server_does_not_report_it(store: Store) -> None:
    assert (await store.stats()).memory is None


async def test_jobs_that_are_due_are_counted_and_the_oldest_is_timed(
    redis: Redis, store: Store
) -> None:
    now = await clock.now(redis)
    for jobs in ({}, {"early": now + 60_000}):
        if jobs:
            await redis.zadd(queue_name("openai"), jobs)
        assert ((await store.stats()).due, (await store.stats()).lag) == (0, 0)
    await redis.zadd(queue_name("openai"), {"late": now - 5_000, "due": now})
    await redis.zadd(queue_name("simulator"), {"another's": now - 90_000})
    vitals = await store.stats()
    assert vitals.due == 2
    assert 5_000 <= vitals.lag < 10_000
