"""Accepting a task writes all of it once, or refuses it and writes nothing."""

import asyncio

import pytest
from arq.jobs import deserialize_job_raw
from redis.asyncio import Redis

from shared import queue
from shared.domain import changes
from shared.domain.changes import TaskResult
from shared.domain.errors import IdempotencyKeyReused, TooManyOpenTasks, TooMuchStored
from shared.domain.states import OPEN, Status
from shared.domain.tombstone import DeletionOutcome
from shared.store import Store, TaskDeletion, keys
from tests.shared import tasks
from tests.shared.store.dump import contents


async def test_a_new_task_waits_with_its_conversation_kept_unchanged(store: Store) -> None:
    given = tasks.acceptance(conversation=b'[{"role":"user"}]', parent_id="task_0")
    before = (await store.insert(tasks.acceptance())).task
    accepted = await store.insert(given)
    loaded = await store.load(given.id)
    assert not accepted.replayed
    assert loaded.task == accepted.task
    assert (loaded.task.status, loaded.task.version, loaded.task.parent_id) == (
        Status.QUEUED,
        1,
        "task_0",
    )
    assert loaded.task.seq > before.seq
    assert before.created_at <= loaded.task.created_at <= loaded.now
    assert await store.conversation(given.id) == b'[{"role":"user"}]'


async def test_its_first_job_is_written_as_arq_reads_it(store: Store, redis: Redis) -> None:
    task = await tasks.accepted(store)
    [(job_id, score)] = await redis.zrange(queue.queue_name("openai"), 0, -1, withscores=True)
    payload = await redis.get(f"arq:job:{job_id.decode()}")
    job = deserialize_job_raw(payload, deserializer=queue.load)
    assert (job[0], list(job[1]), job[2]) == ("submit", [task.id, 0], {})
    assert score == task.created_at > 0
    assert (
        await redis.zscore(keys.sweep_queue("openai"), task.id)
        == task.created_at + changes.SUBMIT_STALE_MS
    )


async def test_a_replay_makes_no_second_task_even_at_the_limit_of_open_tasks(
    store: Store, redis: Redis
) -> None:
    given = tasks.acceptance(idempotency_key="key", limit=1)
    first = await store.insert(given)
    before = await contents(redis)
    assert await store.insert(given) == first  # the reply was lost
    again = await store.insert(tasks.acceptance(idempotency_key="key", limit=1))
    assert (again.task.id, again.replayed) == (first.task.id, True)
    assert await contents(redis) == before


async def test_the_same_key_a_hundred_times_at_once_makes_one_task(store: Store) -> None:
    given = [tasks.acceptance(idempotency_key="key") for _ in range(100)]
    accepted = await asyncio.gather(*map(store.insert, given))
    assert len({reply.task.id for reply in accepted}) == 1
    assert [reply.replayed for reply in accepted].count(False) == 1
    assert len((await store.page(status=None, cursor=None, limit=100)).tasks) == 1


@pytest.mark.parametrize(
    "other",
    [{"conversation": b"[1]"}, {"title": "Another"}, {"parent_id": "task_0"}, {"retry_of": "t"}],
    ids=lambda other: next(iter(other)),
)
async def test_a_key_that_stands_for_another_body_is_refused(
    store: Store, redis: Redis, other: dict[str, str]
) -> None:
    task = await tasks.accepted(store, idempotency_key="key")
    before = await contents(redis)
    with pytest.raises(IdempotencyKeyReused) as refused:
        await store.insert(tasks.acceptance(idempotency_key="key", **other))
    assert refused.value.task_id == task.id
    assert await contents(redis) == before


async def test_tasks_in_every_open_state_count_until_they_end(store: Store, redis: Redis) -> None:
    await tasks.accepted(store)
    await tasks.submitting(store)
    await tasks.unconfirmed(store)
    running = await tasks.in_progress(store)
    before = await contents(redis)
    with pytest.raises(TooManyOpenTasks):
        await store.insert(tasks.acceptance(limit=len(OPEN)))
    assert await contents(redis) == before
    await tasks.changed(store, changes.finish(running, TaskResult(Status.FAILED), polled=True))
    await store.insert(tasks.acceptance(limit=len(OPEN)))


async def test_an_owner_has_a_share_of_open_tasks_that_others_do_not_use_up(store: Store) -> None:
    await tasks.accepted(store, owner="bob")
    for _ in range(2):
        await store.insert(tasks.acceptance(owner="ann", owner_limit=2))
    with pytest.raises(TooManyOpenTasks) as refused:
        await store.insert(tasks.acceptance(owner="ann", owner_limit=2))
    assert (refused.value.limit, refused.value.own) == (2, True)
    await store.insert(tasks.acceptance(owner="ann", owner_limit=2, replaced=True))
    await store.insert(tasks.acceptance(owner="bob", owner_limit=2))


async def test_an_owners_texts_count_until_they_are_deleted(store: Store, redis: Redis) -> None:
    """Those of a cancelled task, too, and its response: neither is open any more."""
    limits = {"owner": "ann", "conversation": b'["%b"]' % (b"x" * 296), "owner_max_bytes": 500}
    first = (await store.insert(tasks.acceptance(**limits))).task
    await tasks.changed(store, changes.cancel(first, 1))
    with pytest.raises(TooMuchStored) as refused:
        await store.insert(tasks.acceptance(**limits))
    assert refused.value.limit == 500
    await store.insert(tasks.acceptance(**limits | {"owner": "bob"}))

    other = await tasks.submitting(store, owner="ann", conversation=b'["%b"]' % (b"x" * 16))
    other = await tasks.changed(
        store, changes.mark_in_progress(other, "resp_1", "queued", 61_000, 25_000)
    )
    ended = TaskResult(Status.COMPLETED, response=bytes(100))
    other = await tasks.changed(store, changes.finish(other, ended, polled=True))
    assert await redis.hget(keys.STORED_BYTES, "ann") == b"420"
    for task in (first, other):
        going = await tasks.changed(
            store, changes.request_deletion((await store.load(task.id)).task)
        )
        assert await store.delete(TaskDeletion(going, DeletionOutcome.DELETED))
    assert await redis.hgetall(keys.STORED_BYTES) == {b"bob": b"300"}
