"""Reading: one task, a page of them, and those to which nothing happened in time."""

import pytest
from redis.asyncio import Redis

from shared.domain import changes
from shared.domain.errors import TaskNotFound
from shared.domain.states import Status
from shared.domain.task import SCHEMA, RecordUnreadable
from shared.store import Store, keys
from tests.shared import tasks


async def ids(store: Store, status: Status | None = None, limit: int = 50) -> list[str]:
    page = await store.page(status=status, cursor=None, limit=limit)
    return [task.id for task in page.tasks]


async def test_an_unknown_task_is_not_found(store: Store) -> None:
    with pytest.raises(TaskNotFound):
        await store.load("task_0")
    with pytest.raises(TaskNotFound):
        await store.conversation("task_0")
    assert await store.response("task_0") is None


async def test_a_record_of_a_newer_schema_is_not_misread(store: Store, redis: Redis) -> None:
    task = await tasks.accepted(store)
    await redis.hset(keys.record(task.id), "schema", str(SCHEMA + 1))
    with pytest.raises(RecordUnreadable):
        await store.load(task.id)


async def test_pages_are_newest_first_and_complete_while_tasks_arrive(
    store: Store,
) -> None:
    there = [(await tasks.accepted(store)).id for _ in range(7)]
    seen: list[str] = []
    cursor = None
    while True:
        page = await store.page(status=None, cursor=cursor, limit=3)
        seen += [task.id for task in page.tasks]
        if page.cursor is None:
            break
        cursor = page.cursor
        await tasks.accepted(store)
    assert seen == there[::-1]


async def test_a_page_that_ends_with_the_last_task_is_the_last(store: Store) -> None:
    for _ in range(2):
        await tasks.accepted(store)
    assert (await store.page(status=None, cursor=None, limit=2)).cursor is None
    assert (await store.page(status=None, cursor=None, limit=1)).cursor is not None


async def test_a_page_of_one_state_follows_the_tasks_through_theirs(store: Store) -> None:
    waiting, sent = await tasks.accepted(store), await tasks.submitting(store)
    assert await ids(store, Status.QUEUED) == [waiting.id]
    assert await ids(store, Status.SUBMITTING) == [sent.id]
    await tasks.changed(store, changes.mark_unconfirmed(sent, "no answer"))
    assert await ids(store, Status.SUBMITTING) == []
    assert await ids(store, Status.UNCONFIRMED) == [sent.id]


async def test_overdue_tasks_are_listed_longest_first(store: Store) -> None:
    later = await tasks.submitting(store, lease=-1_000)
    longest = await tasks.submitting(store, lease=-2_000)
    await tasks.submitting(store, lease=50_000)
    assert [task.id for task in await store.overdue(10)] == [longest.id, later.id]
    assert [task.id for task in await store.overdue(1)] == [longest.id]


async def test_overdue_skips_records_of_a_newer_schema(store: Store, redis: Redis) -> None:
    newer, lost = [await tasks.submitting(store, lease=-1_000) for _ in range(2)]
    await redis.hset(keys.record(newer.id), "schema", str(SCHEMA + 1))
    await redis.delete(keys.record(lost.id))
    assert await store.overdue(10) == []
    assert await redis.zrange(keys.sweep_queue("openai"), 0, -1) == [newer.id.encode()]


async def test_a_poller_sweeps_its_own_providers_tasks_only(store: Store, redis: Redis) -> None:
    await tasks.submitting(store, lease=-1_000)
    assert await Store(redis, "simulator", confirm=False).overdue(10) == []


async def test_an_owner_lists_their_own_and_everybody_is_listed_together(store: Store) -> None:
    ann = await tasks.accepted(store, owner="ann")
    bob = await tasks.accepted(store, owner="bob")
    free = await tasks.accepted(store)
    await tasks.changed(store, changes.cancel(ann, 25_000))

    async def listed(owner: str | None, status: Status | None = None) -> list[str]:
        page = await store.page(status=status, cursor=None, limit=9, owner=owner)
        return [task.id for task in page.tasks]

    assert await listed(None) == [free.id, bob.id, ann.id]
    assert await listed("ann") == await listed("ann", Status.CANCELLED) == [ann.id]
    assert await listed("ann", Status.QUEUED) == []
    assert await listed("bob", Status.QUEUED) == [bob.id]
    assert await listed("bob", Status.CANCELLED) == []


async def test_one_key_of_two_owners_is_two_keys(store: Store) -> None:
    of_ann = await store.insert(tasks.acceptance(owner="ann", idempotency_key="k"))
    of_bob = await store.insert(tasks.acceptance(owner="bob", idempotency_key="k"))
    assert not of_bob.replayed
    assert of_ann.task.idempotency != of_bob.task.idempotency


async def test_the_children_of_a_task_are_its_continuations_and_retries(store: Store) -> None:
    root = await tasks.accepted(store)
    on = await tasks.accepted(store, parent_id=root.id)
    again = await tasks.accepted(store, parent_id=root.id, retry_of=on.id)
    ids = [root.id, on.id, again.id]
    assert await store.children(ids, 9) == [[on.id, again.id], [again.id], []]
    assert await store.children(ids, 1) == [[on.id], [again.id], []]
    assert await store.children([], 9) == []


async def test_tasks_are_read_in_the_order_of_their_ids(store: Store, redis: Redis) -> None:
    first, second, newer = [await tasks.accepted(store) for _ in range(3)]
    await redis.hset(keys.record(newer.id), "schema", str(SCHEMA + 1))
    found = await store.tasks([second.id, "task_gone", newer.id, first.id])
    assert [task and task.id for task in found] == [second.id, None, None, first.id]
