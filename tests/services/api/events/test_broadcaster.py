"""One reader a process serves every client, and outlives whatever happens to the store."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.api.events.broadcaster import EventBroadcaster
from shared.domain.task import Task
from shared.store import Events, Reader, clock, keys
from tests.services.api.conftest import Service
from tests.services.api.sse_client import Follower

DURING_AN_OUTAGE = "event_read_failed"


class CountingReader(Reader):
    """Counts the records that are asked for."""

    asked = 0

    async def tasks(self, ids: Any) -> list[Task | None]:
        self.asked += len(ids)
        return await super().tasks(ids)


@pytest.fixture
async def broadcaster(service: Any) -> AsyncIterator[EventBroadcaster]:
    async with service.broadcaster() as broadcaster:
        yield broadcaster


@pytest.fixture
def logs() -> Any:
    with capture_logs() as logs:
        yield logs


async def said(logs: list[Any], event: str) -> None:
    """Wait until it stands in the log."""
    async with asyncio.timeout(5):
        while not any(event in entry["event"] for entry in logs):
            await asyncio.sleep(0.01)


async def ids(follower: Follower, count: int) -> list[int | None]:
    return [(await follower.next()).id for _ in range(count)]


async def test_a_task_is_loaded_once_for_all_clients(service: Service) -> None:
    store = CountingReader(service.redis, "simulator")
    async with EventBroadcaster(
        Events(service.redis), store, partial(clock.now, service.redis), limit=50
    ) as broadcaster:
        app = service.app(broadcaster=broadcaster)
        followers = [Follower(app) for _ in range(50)]
        for follower in followers:
            await follower.__aenter__()
        await service.submit()
        for follower in followers:
            assert await ids(follower, 2) == [0, 1]
            await follower.vanish()
    assert store.asked == 1


async def test_no_task_is_loaded_for_nobody(service: Service) -> None:
    """Who comes back is still told of all that was missed."""
    store = CountingReader(service.redis, "simulator")
    now = partial(clock.now, service.redis)
    async with EventBroadcaster(Events(service.redis), store, now, limit=1) as broadcaster:
        app = service.app(broadcaster=broadcaster)
        async with Follower(app) as follower:
            await service.submit()
            assert await ids(follower, 2) == [0, 1]
        store.asked = 0
        await service.submit()
        async with asyncio.timeout(5):
            while broadcaster.position < 2 or broadcaster.clients:
                await asyncio.sleep(0.01)
        assert store.asked == 0
        async with Follower(app, last_event_id="0") as again:
            assert await ids(again, 3) == [None, 1, 2]
            await service.submit()
            assert await ids(again, 1) == [3]


async def test_a_task_that_changed_thrice_is_loaded_once(service: Service) -> None:
    await service.submitted((await service.submit())["id"])
    store = CountingReader(service.redis, "simulator")
    async with (
        EventBroadcaster(
            Events(service.redis), store, partial(clock.now, service.redis), limit=1
        ) as broadcaster,
        Follower(service.app(broadcaster=broadcaster), last_event_id="0") as follower,
    ):
        assert await ids(follower, 4) == [None, 1, 2, 3]
    assert store.asked == 1


async def test_who_was_ahead_on_another_replica_is_told_nothing_twice(service: Service) -> None:
    """This replica's reader has not started yet: the other knows of two events more."""
    behind = service.broadcaster()
    await service.submit()
    await service.submit()
    async with Follower(service.app(broadcaster=behind), last_event_id="2") as follower:
        await follower.next()
        async with behind:
            await service.submit()
            assert (await follower.next()).id == 3
            await service.submit()
            assert (await follower.next()).id == 4
            assert follower.silent


async def test_an_outage_ends_no_stream_and_hides_no_event(logs: Any, service: Service) -> None:
    """Neither from who was there, nor from who was still to be told of older events."""
    for _ in range(150):
        await service.submit()
    async with service.broadcaster() as broadcaster:
        app = service.app(broadcaster=broadcaster)
        late = Follower(app, last_event_id="0")
        late.stops_at = b"event: hello"
        async with Follower(app) as follower, late:
            await service.submit()
            assert await ids(follower, 2) == [150, 151]
            service.server.connected = False
            await said(logs, DURING_AN_OUTAGE)
            late.reads.set()
            assert await ids(late, 101) == [None, *range(1, 101)]
            await asyncio.sleep(0.1)  # it asks the store for the others, in vain
            service.server.connected = True
            await service.submit()
            assert await ids(follower, 1) == [152]
            assert await ids(late, 52) == [*range(101, 153)]
            assert follower.silent
            assert late.silent
    assert [entry["event"] for entry in logs].count(DURING_AN_OUTAGE) == 1


@pytest.mark.parametrize("events_since", [0, 2, 3, 5])
async def test_a_store_that_was_set_back_is_noticed_by_everyone(
    events_since: int, broadcaster: EventBroadcaster, logs: Any, service: Service
) -> None:
    """Also where it has come as far again, or further: other events have the same cursors now."""
    app = service.app(broadcaster=broadcaster)
    async with Follower(app) as follower:
        for _ in range(3):
            await service.submit()
        assert await ids(follower, 4) == [0, 1, 2, 3]
        service.server.connected = False
        await said(logs, DURING_AN_OUTAGE)
        service.server.connected = True
        await service.redis.flushall()
        tasks = [(await service.submit())["id"] for _ in range(events_since)]
        news = await follower.next()
        assert (news.event, news.data) == ("resync", {"reason": "unknown"})
        tasks.append((await service.submit())["id"])
        rest = range(news.id + 1, events_since + 2)
        assert await ids(follower, len(rest)) == [*rest]
    async with Follower(app, last_event_id="0") as late:
        await late.next()
        assert [(await late.next()).data["id"] for _ in tasks] == tasks


async def test_an_unreadable_record_is_a_resync(
    broadcaster: EventBroadcaster, logs: Any, service: Service
) -> None:
    app = service.app(broadcaster=broadcaster)
    async with Follower(app) as follower:
        task_id = (await service.submit())["id"]
        assert await ids(follower, 2) == [0, 1]
        await service.redis.hset(keys.record(task_id), "created_at", "yesterday")
        await service.redis.incr(keys.CHANGE_COUNTER)
        entry = {"task": task_id, "status": "queued", "version": 2, "owner": ""}
        await service.redis.xadd(keys.EVENTS, entry, "2-0")
        news = await follower.next()
        assert (news.event, news.id) == ("resync", 2)
        await service.submit()
        assert await ids(follower, 1) == [3]
    assert any("event_unreadable" in entry["event"] for entry in logs)


async def test_old_events_are_read_again(monkeypatch: pytest.MonkeyPatch, service: Service) -> None:
    """The first of them is the one that is just not at hand any more."""
    monkeypatch.setattr("services.api.events.broadcaster.BUFFER_SIZE", 3)
    async with (
        service.broadcaster() as broadcaster,
        Follower(service.app(broadcaster=broadcaster)) as follower,
    ):
        for _ in range(7):
            await service.submit()
        assert await ids(follower, 8) == [*range(8)]
        for last in range(8):
            async with Follower(
                service.app(broadcaster=broadcaster), last_event_id=str(last)
            ) as late:
                assert await ids(late, 8 - last) == [None, *range(last + 1, 8)]
                assert late.silent


async def test_it_stops_while_it_waits(service: Any) -> None:
    broadcaster: Callable[[], EventBroadcaster] = service.broadcaster
    async with asyncio.timeout(0.5), broadcaster():
        await asyncio.sleep(0.05)
