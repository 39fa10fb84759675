"""A claim is refused in a store that may lack claims; only a real server knows which run it is."""

from collections.abc import AsyncIterator
from itertools import count

import pytest
from redis.asyncio import Redis

from shared.domain import changes
from shared.domain.errors import MaybeSent, RollbackCheckPending
from shared.domain.states import Status
from shared.domain.task import Task
from shared.store import EpochMark, EpochMarkStore, PollerRegistry, Store, StoreEpoch, keys
from shared.store.connection import connection_pool
from tests.harness import Installation
from tests.shared import tasks

pytestmark = pytest.mark.integration

_ids = (f"history-{number}" for number in count(1))


class Poller:
    """What one poller remembers, and how it compares and claims."""

    def __init__(self, redis: Redis, name: str) -> None:
        self.name = name
        self.high_water = EpochMarkStore(None, "openai")
        self.store = Store(redis, "openai", high_water=self.high_water)
        self._history = StoreEpoch(redis, "openai", lambda: next(_ids))

    async def compare(self) -> bool:
        """Whether the store is behind."""
        met = await self._history.compare(self.high_water.read(), self.name)
        await self.high_water.replace(met.mark)
        return met.behind

    async def claim(self, task: Task) -> Task:
        claimed = await self.store.apply(changes.claim(task, "mine", 50_000), durable=True)
        assert claimed is not None
        return claimed


@pytest.fixture
async def redis(installation: Installation) -> AsyncIterator[Redis]:
    installation.valkey()
    client = Redis.from_pool(connection_pool(installation.redis_url, retries=2, timeout=5))
    yield client
    await client.aclose()


@pytest.fixture
async def poller(redis: Redis) -> Poller:
    poller = Poller(redis, "one")
    await poller.compare()
    return poller


async def test_a_claim_raises_the_mark_before_it_can_be_used(poller: Poller) -> None:
    before = poller.high_water.read()
    await poller.claim(await tasks.accepted(poller.store))
    assert before
    assert poller.high_water.read() == EpochMark(before.epoch, before.claims + 1)


async def test_a_poller_that_has_not_checked_for_a_rollback_claims_nothing(
    redis: Redis, poller: Poller
) -> None:
    task = await tasks.accepted(poller.store)
    with pytest.raises(RollbackCheckPending):
        await Poller(redis, "another").claim(task)


async def test_a_store_that_is_behind_refuses_claims_then_withholds_what_waits(
    redis: Redis, poller: Poller
) -> None:
    await poller.claim(await tasks.accepted(poller.store))
    old = await tasks.accepted(poller.store)
    await redis.hincrby(keys.epoch("openai"), "claims", -1)

    with pytest.raises(RollbackCheckPending):
        await poller.claim(old)
    assert await poller.compare()
    with pytest.raises(MaybeSent):
        await poller.claim(old)

    assert [task.id for task in await poller.store.queued_up_to(old.seq)] == [old.id]
    new = await poller.claim(await tasks.accepted(poller.store))
    assert new.status is Status.SUBMITTING
    assert not await poller.compare()


async def test_another_poller_takes_a_rollback_for_dealt_with(redis: Redis, poller: Poller) -> None:
    other = Poller(redis, "other")
    await other.compare()
    for each in (poller, other):
        await each.claim(await tasks.accepted(poller.store))
    await redis.hset(keys.epoch("openai"), "claims", 0)
    assert await poller.compare()

    assert not await other.compare()
    task = await tasks.accepted(poller.store)
    assert (await other.claim(task)).status is Status.SUBMITTING


@pytest.mark.parametrize("before", ["an earlier history", None])
async def test_another_history_and_an_empty_store_are_behind(
    redis: Redis, poller: Poller, before: str | None
) -> None:
    if before is None:
        await redis.flushall()
    else:
        await redis.hset(keys.epoch("openai"), "id", before)
    assert await poller.compare()
    assert not await poller.compare()


@pytest.mark.parametrize("others", [0, 1])
async def test_a_restarted_server_accepts_claims_once_all_pollers_have_checked(
    installation: Installation, redis: Redis, poller: Poller, others: int
) -> None:
    for number in range(others):
        await PollerRegistry(redis, "openai").beat(f"other:{number}", 10)
    task = await tasks.accepted(poller.store)
    port = installation.redis_port
    installation.processes[0].kill()
    installation.valkey(port)

    with pytest.raises(RollbackCheckPending):
        await poller.claim(task)
    assert not await poller.compare()
    if others:
        with pytest.raises(RollbackCheckPending):
            await poller.claim(task)
        await redis.hset(keys.epoch("openai"), "opens_at", 0)  # the others' time is over
    assert (await poller.claim(task)).status is Status.SUBMITTING


async def test_a_single_poller_waits_for_no_other(poller: Poller, redis: Redis) -> None:
    await PollerRegistry(redis, "openai").beat("one", 10)
    await redis.hset(keys.epoch("openai"), "run", "an earlier one")
    await poller.compare()
    assert await poller.claim(await tasks.accepted(poller.store))
