"""The news of every visible change, without a gap, or the word that there is one."""

import pytest
from redis.asyncio import Redis

from shared.domain import changes
from shared.domain.errors import EventsTrimmed
from shared.store import Events, Store, keys
from tests.shared import tasks


async def test_each_visible_change_is_one_event_in_order(store: Store, redis: Redis) -> None:
    task = await tasks.in_progress(store)
    for _ in range(2):  # the second poll brings nothing new
        change = changes.poll_again(task, 61_000, "a new word", None, 8_000)
        task = await tasks.changed(store, change)
    told = await Events(redis).after(0, 100)
    assert [event.number for event in told] == [1, 2, 3, 4]
    assert [event.status for event in told] == [
        "queued",
        "submitting",
        "in_progress",
        "in_progress",
    ]
    assert [event.version for event in told] == [1, 2, 3, 4]
    assert {event.task_id for event in told} == {task.id}
    assert await Events(redis).latest() == 4


async def test_an_event_carries_its_owner(store: Store, redis: Redis) -> None:
    await tasks.accepted(store, owner="ann")
    await tasks.accepted(store)
    assert [event.owner for event in await Events(redis).after(0, 9)] == ["ann", None]


async def test_reading_resumes_after_the_last_event(store: Store, redis: Redis) -> None:
    for _ in range(5):
        await tasks.accepted(store)
    events = Events(redis)
    assert [event.number for event in await events.after(2, 2)] == [3, 4]
    assert [event.number for event in await events.wait(4, 10)] == [5]
    assert await events.after(5, 2) == []
    assert await events.wait(5, 10) == []


@pytest.mark.parametrize(
    ("kept", "after"), [(2, 2), (5, 7), (0, 4)], ids=["trimmed", "store set back", "stream lost"]
)
async def test_reading_over_a_gap_raises(store: Store, redis: Redis, kept: int, after: int) -> None:
    for _ in range(5):
        await tasks.accepted(store)
    await redis.xtrim(keys.EVENTS, maxlen=kept, approximate=False)
    if not kept:
        await redis.delete(keys.EVENTS)
    events = Events(redis)
    for read in (events.after(after, 9), events.wait(after, 10)):
        with pytest.raises(EventsTrimmed):
            await read
    assert kept != 2 or len(await events.after(3, 9)) == 2


async def test_a_change_counter_that_was_set_back_stops_no_change(
    store: Store, redis: Redis
) -> None:
    for _ in range(3):
        await tasks.accepted(store)
    await redis.set(keys.CHANGE_COUNTER, 0)
    task = await tasks.accepted(store)
    assert [event.task_id for event in await Events(redis).after(0, 9)] == [task.id]


async def test_the_changed_are_in_the_order_of_their_last_change(store: Store) -> None:
    first, second = await tasks.accepted(store), await tasks.accepted(store)
    assert await store.changed_after(0, 9) == [(first.id, 1), (second.id, 2)]
    await tasks.changed(store, changes.cancel(first, 25_000))
    assert await store.changed_after(1, 9) == [(second.id, 2), (first.id, 3)]
    assert await store.changed_after(0, 1) == [(second.id, 2)]
