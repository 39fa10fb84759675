"""Deleting removes all that is kept of a task, once, and leaves a tombstone for thirty days."""

from dataclasses import replace
from typing import Any

import pytest
from redis.asyncio import Redis

from shared.domain import changes
from shared.domain.changes import TaskResult
from shared.domain.errors import EventsTrimmed, TaskDeleted, TaskNotFound
from shared.domain.states import Status
from shared.domain.task import Task
from shared.domain.tombstone import RETENTION_MS, DeletionOutcome, Tombstone
from shared.store import Events, Store, TaskDeletion, clock, keys
from shared.store.ledger import DAY_MS
from tests.shared import tasks
from tests.shared.store.dump import contents

COMPLETED = TaskResult(Status.COMPLETED, response=b'{"id": "resp_1"}', cost=7)
LEFT_TO_ALL = {
    *(keys.SEQUENCE, keys.CHANGE_COUNTER, keys.CHANGE_INDEX, keys.EVENTS, keys.DELETED),
    *(keys.reserved("openai"), keys.samples("openai"), "backburner:queue:openai"),
}


async def to_delete(store: Store, **fields: Any) -> Task:
    """An answered task that a person wants deleted."""
    task = await tasks.submitting(store, **fields)
    task = await tasks.changed(
        store, changes.mark_in_progress(task, "resp_1", "queued", 61_000, 25_000)
    )
    task = await tasks.changed(store, changes.finish(task, COMPLETED, polled=True))
    return await tasks.changed(store, changes.request_deletion(task))


async def deleted(
    store: Store, task: Task, outcome: DeletionOutcome = DeletionOutcome.DELETED
) -> Tombstone:
    tombstone = await store.delete(TaskDeletion(task, outcome))
    assert tombstone is not None
    return tombstone


async def gone(store: Store, task_id: str) -> Tombstone:
    """What says that the task was deleted."""
    with pytest.raises(TaskDeleted) as refused:
        await store.load(task_id)
    assert refused.value.task_id == task_id
    return refused.value.tombstone


async def names(redis: Redis) -> set[str]:
    """All keys but arq's."""
    found = {key.decode() for key in await redis.keys()}
    return {key for key in found if not key.startswith("arq:")}


@pytest.mark.parametrize("owner", [None, "ann"])
async def test_nothing_is_left_but_the_tombstone_and_the_key(
    store: Store, redis: Redis, owner: str | None
) -> None:
    parent = await tasks.accepted(store, owner=owner)
    before = await names(redis)
    task = await to_delete(store, idempotency_key="key", owner=owner, parent_id=parent.id)
    child = await tasks.accepted(store, owner=owner, parent_id=task.id)
    await store.count_start(task)
    await deleted(store, task)
    left = {keys.tombstone(task.id), keys.idempotency("key", owner)}
    theirs = {keys.record(child.id), keys.conversation(child.id)}
    money = {keys.spending("openai", await clock.now(redis) // DAY_MS)}
    money |= {keys.samples("openai", owner)}
    assert await names(redis) == before | left | theirs | money | LEFT_TO_ALL
    for name in {*await names(redis)} - {keys.CHANGE_INDEX, keys.DELETED, *left}:
        if await redis.type(name) == b"zset":
            assert await redis.zscore(name, task.id) is None, name
    assert await store.job_starts(task.id) == 0
    assert await store.task_of_response("resp_1") is None


async def test_the_tombstone_records_the_deletion_for_thirty_days(
    store: Store, redis: Redis
) -> None:
    task = await to_delete(store, owner="ann", idempotency_key="key")
    task = await tasks.changed(store, changes.retry_deletion(task, "No answer.", 0))
    earliest = await clock.now(redis)
    tombstone = await deleted(store, task)
    assert tombstone == await gone(store, task.id)
    assert tombstone == Tombstone(
        id=task.id,
        provider="openai",
        outcome=DeletionOutcome.DELETED,
        requested_at=task.deletion_requested_at or 0,
        deleted_at=tombstone.deleted_at,
        until=tombstone.deleted_at + RETENTION_MS,
        attempts=1,
        cost_unknown=False,
        owner="ann",
        response_id="resp_1",
        client_request_id=f"{task.id}-1",
    )
    assert earliest <= tombstone.deleted_at <= await clock.now(redis)
    for key in (keys.tombstone(task.id), keys.idempotency("key", "ann")):
        assert RETENTION_MS - 60_000 < await redis.pttl(key) <= RETENTION_MS


@pytest.mark.parametrize(
    ("outcome", "unknown"),
    [
        (DeletionOutcome.NEVER_SENT, False),
        (DeletionOutcome.UNKNOWN, True),
        (DeletionOutcome.DELETED, True),
        (DeletionOutcome.ALREADY_GONE, True),
    ],
)
async def test_a_cost_that_is_not_known_is_recorded_as_unknown(
    store: Store, outcome: DeletionOutcome, *, unknown: bool
) -> None:
    tombstone = await deleted(store, await tasks.deleting(store), outcome)
    assert (tombstone.outcome, tombstone.cost_unknown) == (outcome, unknown)


async def test_a_deletion_sent_twice_is_carried_out_once(store: Store, redis: Redis) -> None:
    task = await to_delete(store)
    first = await deleted(store, task)
    before = await contents(redis)
    assert await deleted(store, task, DeletionOutcome.ALREADY_GONE) == first
    assert await contents(redis) == before


async def test_a_deletion_decided_on_an_outdated_record_changes_nothing(
    store: Store, redis: Redis
) -> None:
    """Its response turned up meanwhile, or another worker has taken the deletion up."""
    task = await tasks.deleting(store)
    late = await tasks.changed(store, changes.attach_response_id(task, "resp_1", 25_000))
    before = await contents(redis)
    for reading in (task, replace(late, response_id=None), replace(late, generation=1)):
        assert await store.delete(TaskDeletion(reading, DeletionOutcome.UNKNOWN)) is None
    assert await contents(redis) == before
    await deleted(store, late)


async def test_a_task_without_a_deletion_request_is_not_deleted(store: Store, redis: Redis) -> None:
    task = replace(await tasks.watched(store), deletion_requested_at=1)
    before = await contents(redis)
    assert await store.delete(TaskDeletion(task, DeletionOutcome.DELETED)) is None
    assert await contents(redis) == before


async def test_a_task_that_never_was_cannot_be_deleted(store: Store, redis: Redis) -> None:
    task = tasks.snapshot(deletion_requested_at=1)
    with pytest.raises(TaskNotFound):
        await store.delete(TaskDeletion(task, DeletionOutcome.DELETED))
    assert await redis.keys() == []


async def test_a_deleted_task_stays_in_the_ledger(store: Store) -> None:
    await deleted(store, await to_delete(store))
    assert (await store.counts()).spent == 7
    today = await store.ledger.today()
    entries = await store.ledger.entries(today.day, 1)
    assert [(entry.outcome, entry.cost) for entry in entries] == [("completed", 7)]


async def test_a_deletion_is_an_event_and_a_change(store: Store, redis: Redis) -> None:
    task = await to_delete(store, owner="ann")
    events = Events(redis)
    before = await events.latest()
    await deleted(store, task)
    [event] = await events.after(before, 10)
    assert (event.task_id, event.status, event.owner) == (task.id, "deleted", "ann")
    assert (event.number, event.version) == (before + 1, task.version + 1)
    assert await store.changed_after(before, 10) == [(task.id, event.number)]
    assert await store.tasks([task.id]) == [None]


async def test_an_expired_receipt_is_forgotten_and_a_reader_behind_it_must_start_again(
    store: Store, redis: Redis
) -> None:
    first, second = [await to_delete(store) for _ in range(2)]
    other = await tasks.accepted(store)
    await deleted(store, first)
    [(_, number)] = (await store.changed_after(0, 10))[-1:]
    assert await store.changed_after(number - 1, 10) == [(first.id, number)]
    await redis.zadd(keys.DELETED, {first.id: 0})  # thirty days later
    await deleted(store, second)
    with pytest.raises(EventsTrimmed):
        await store.changed_after(number - 1, 10)
    assert await store.changed_after(number, 10) == [(second.id, number + 1)]
    assert [name for name, _ in await store.changed_after(0, 10)] == [other.id, second.id]
    assert await redis.zrange(keys.DELETED, 0, -1) == [second.id.encode()]


async def test_a_deletion_clears_only_a_few_expired_receipts(store: Store, redis: Redis) -> None:
    task = await to_delete(store)
    old = {f"task_old_{number}": number for number in range(25)}
    await redis.zadd(keys.DELETED, old)
    await redis.zadd(keys.CHANGE_INDEX, old)
    await deleted(store, task)
    assert await redis.zcard(keys.DELETED) == 16
    assert {f"task_old_{number}".encode() for number in range(10)}.isdisjoint(
        await redis.zrange(keys.CHANGE_INDEX, 0, -1)
    )


@pytest.mark.parametrize("key", [None, "key"])
async def test_a_repeated_request_or_key_of_a_deleted_task_makes_no_new_one(
    store: Store, redis: Redis, key: str | None
) -> None:
    given = tasks.acceptance(idempotency_key=key)
    task = await tasks.changed(store, changes.cancel((await store.insert(given)).task, 0))
    task = await tasks.changed(store, changes.request_deletion(task))
    await deleted(store, task, DeletionOutcome.NEVER_SENT)
    before = await contents(redis)
    for repeated in (given, tasks.acceptance(idempotency_key=key)) if key else (given,):
        with pytest.raises(TaskDeleted) as refused:
            await store.insert(repeated)
        assert refused.value.task_id == task.id
    assert await contents(redis) == before
    assert key is None or await redis.pttl(keys.idempotency(key)) > 0


async def test_a_child_inserted_after_the_deletion_restores_nothing_of_it(
    store: Store, redis: Redis
) -> None:
    task = await to_delete(store)
    await deleted(store, task)
    child = await tasks.accepted(store, parent_id=task.id, retry_of=task.id)
    assert (child.parent_id, child.retry_of) == (task.id, task.id)
    assert await redis.keys(f"backburner:task:{task.id}*") == []


async def test_reading_or_changing_a_deleted_task_raises(store: Store) -> None:
    task = await to_delete(store)
    await deleted(store, task)
    with pytest.raises(TaskDeleted):
        await store.conversation(task.id)
    with pytest.raises(TaskDeleted):
        await store.apply(changes.retry_deletion(task, None, 0))
    assert await store.response(task.id) is None
    assert (await store.page(status=None, cursor=None, limit=10)).tasks == []
