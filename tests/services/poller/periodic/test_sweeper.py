"""Each round brings overdue tasks back and lets go of what was kept long enough."""

from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from services.poller.decisions.sweep import MAX_ATTEMPTS
from services.poller.periodic.retention import Retention
from services.poller.periodic.sweeper import Sweeper
from shared import queue
from shared.domain import changes
from shared.domain.states import Status
from shared.domain.task import Task
from shared.store import PollerRegistry, Store, clock, keys
from tests.shared import tasks


@pytest.fixture
def fleet(redis: Redis) -> PollerRegistry:
    return PollerRegistry(redis, "openai")


async def test_every_overdue_task_is_rescheduled_and_no_other(
    store: Store, fleet: PollerRegistry, redis: Redis
) -> None:
    waiting = await tasks.changed(
        store, changes.requeue(await tasks.accepted(store), -changes.SUBMIT_STALE_MS)
    )
    sending = await tasks.submitting(store, lease=0)
    running = await tasks.in_progress(store, first_poll=0, late=0)
    fresh = [await tasks.accepted(store), await tasks.in_progress(store)]
    await redis.delete(queue.queue_name("openai"))

    await Sweeper(store, fleet, 25_000).run()

    jobs = {job.decode() for job in await redis.zrange(queue.queue_name("openai"), 0, -1)}
    assert jobs == {f"submit:{waiting.id}:2", f"poll:{running.id}:2:1"}
    assert (await store.load(sending.id)).task.status is Status.UNCONFIRMED
    for task in fresh:
        assert (await store.load(task.id)).task == task
    assert await store.overdue(10) == []


async def stand(redis: Redis, due: float) -> None:
    """Have every job stand in the queue, due at a time; one that a worker takes is due later."""
    name = queue.queue_name("openai")
    await redis.zadd(name, dict.fromkeys(await redis.zrange(name, 0, -1), due))


@pytest.mark.parametrize("state", [tasks.accepted, tasks.in_progress])
@pytest.mark.parametrize(("taken", "generations"), [(False, 0), (True, 1)])
async def test_a_queued_job_is_left_alone_and_a_lost_one_is_enqueued_again(
    store: Store,
    fleet: PollerRegistry,
    redis: Redis,
    state: Callable[[Store], Awaitable[Task]],
    *,
    taken: bool,
    generations: int,
) -> None:
    task = await state(store)
    await stand(redis, 4e12 if taken else 1)
    await redis.zadd(keys.sweep_queue("openai"), {task.id: 0})
    await Sweeper(store, fleet, 25_000).run()
    swept = (await store.load(task.id)).task
    assert swept.generation == task.generation + generations
    assert await store.overdue(10) == []


async def test_a_poller_without_the_sweep_lease_does_not_sweep(
    store: Store, fleet: PollerRegistry
) -> None:
    task = await tasks.submitting(store, lease=0)
    await fleet.acquire_sweep_lease(60_000)
    await Sweeper(store, fleet, 25_000).run()
    assert (await store.load(task.id)).task == task


async def test_a_task_that_stops_every_worker_is_failed_as_poisoned(
    store: Store, fleet: PollerRegistry, redis: Redis
) -> None:
    task = await tasks.in_progress(store)
    keeper = Sweeper(store, fleet, 25_000)
    for _ in range(MAX_ATTEMPTS):
        assert (await store.load(task.id)).task.status is Status.IN_PROGRESS
        await store.count_start(task)  # and the worker dies
        await stand(redis, 4e12)
        await redis.zadd(keys.sweep_queue("openai"), {task.id: 0})
        await keeper.sweep()
    after = (await store.load(task.id)).task
    assert (after.status, after.error_code) == (Status.FAILED, "poisoned")
    assert await store.job_starts(task.id) == 0
    assert await redis.zcard(keys.sweep_queue("openai")) == 0


async def test_a_sweep_requests_the_deletion_of_expired_tasks(
    store: Store, fleet: PollerRegistry, redis: Redis
) -> None:
    old = await tasks.changed(store, changes.cancel(await tasks.accepted(store), 0))
    later = await clock.now(redis) + 2_000
    retention = Retention(store, "openai", 1_000, lambda: later)
    keeper = Sweeper(store, fleet, 25_000, retention)
    await keeper.run()
    assert (await store.load(old.id)).task.deletion_requested_at is not None
