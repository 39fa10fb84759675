"""A store of an earlier version is brought up to date once, and nothing in it is lost."""

import asyncio
from typing import Any

import pytest
from redis.asyncio import Redis

from shared.domain import changes
from shared.domain.errors import InvalidSetting, TaskDeleted
from shared.domain.spending import INSTALLATION
from shared.domain.states import Status
from shared.domain.task import SCHEMA
from shared.domain.tombstone import DeletionOutcome
from shared.queue import delete_job
from shared.store import Store, TaskDeletion, clock, keys
from shared.store.migrations import infer_ended_from, migrate
from shared.store.scripts import MIGRATE_RECORD, Request
from tests.shared import tasks
from tests.shared.store.dump import contents
from tests.upgrade_fixtures import version

TASKS = version.TASKS


@pytest.fixture
async def old(redis: Redis) -> Redis:
    """The store that the earlier version left."""
    for command in version.commands(await clock.now(redis)):
        await redis.execute_command(*command)
    return redis


async def test_every_record_is_migrated_and_is_a_change(old: Redis, store: Store) -> None:
    await migrate(old)
    assert {await old.hget(keys.record(task_id), "schema") for task_id in TASKS.values()} == {
        str(SCHEMA).encode()
    }
    told = await store.changed_after(0, 100)
    assert [task_id for task_id, _ in told] == [
        task.id for task in reversed((await store.page(status=None, cursor=None, limit=100)).tasks)
    ]
    assert {task_id for task_id, _ in told} == set(TASKS.values())
    assert await store.children([TASKS["completed"]], 10) == [[TASKS["child"]]]


async def test_the_texts_are_the_same_as_before(old: Redis, store: Store) -> None:
    before = await old.get(keys.response(TASKS["completed"]))
    await migrate(old)
    assert await store.response(TASKS["completed"]) == before
    assert b"Tell me about old stores" in await store.conversation(TASKS["completed"])


async def test_the_spending_of_today_is_migrated_once(old: Redis) -> None:
    simulated = Store(old, "simulator", confirm=False)
    for _ in range(2):
        await old.delete(keys.SCHEMA_VERSION)
        await migrate(old)
        assert (await simulated.ledger.today()).of(INSTALLATION).spent == version.SPENT
    assert (await simulated.counts()).spent == version.SPENT


@pytest.mark.parametrize(
    ("name", "ended_from"),
    [
        ("withdrawn", Status.QUEUED),
        ("abandoned", Status.UNCONFIRMED),
        ("watched", Status.IN_PROGRESS),
        ("completed", None),
        ("unconfirmed", None),
    ],
)
async def test_the_state_from_which_a_task_ended_is_inferred(
    old: Redis, store: Store, name: str, ended_from: Status | None
) -> None:
    await migrate(old)
    assert (await store.load(TASKS[name])).task.ended_from is ended_from


@pytest.mark.parametrize(
    ("fields", "ended_from"),
    [
        ({"status": Status.CANCELLED, "claim_token": "a claim"}, Status.UNCONFIRMED),
        ({"status": Status.CANCELLED, "response_id": "resp_1"}, None),
        ({"status": Status.FAILED, "error_code": "too_long", "claim_token": "a claim"}, None),
        (
            {"status": Status.FAILED, "error_code": "superseded", "claim_token": "a claim"},
            "unconfirmed",
        ),
    ],
)
def test_only_our_own_ends_are_taken_for_ours(
    fields: dict[str, Any], ended_from: Status | None
) -> None:
    assert infer_ended_from(tasks.snapshot(**fields)) == ended_from


async def test_a_key_of_a_deleted_task_goes_when_its_receipt_goes(old: Redis) -> None:
    await migrate(old)
    store = Store(old, "simulator", confirm=False)
    task = (await store.load(TASKS["completed"])).task
    assert task.idempotency == keys.idempotency("old key")
    asked = await tasks.changed(store, changes.request_deletion(task))
    assert await old.exists(delete_job(task.id, asked.generation, 0, 0).key)
    await store.delete(TaskDeletion(asked, DeletionOutcome.DELETED))
    with pytest.raises(TaskDeleted):
        await store.load(task.id)
    assert await old.pttl(keys.idempotency("old key")) > 0


async def test_it_is_done_once_and_a_store_up_to_date_is_left_alone(old: Redis) -> None:
    await migrate(old)
    once = await contents(old)
    await migrate(old)
    assert await contents(old) == once
    await old.delete(keys.SCHEMA_VERSION)  # as if the first had died before it was noted
    await migrate(old)
    assert await contents(old) == once


async def test_a_store_of_the_schema_before_gets_the_names_of_today(
    redis: Redis, store: Store
) -> None:
    await migrate(redis)
    task = await tasks.watched(store)
    record, due = keys.record(task.id), await redis.zscore(keys.sweep_queue("openai"), task.id)
    fields = {"watch_until": "watched", "cancel_pending": "stop_there", "claim_token": "claim"}
    before = await contents(redis)
    for new, former in fields.items():
        await redis.hset(record, former, await redis.hget(record, new))
        await redis.hdel(record, new)
    await redis.hset(record, "schema", 2)
    await redis.rename(keys.sweep_queue("openai"), "backburner:due:openai")
    await redis.rename(keys.CHANGE_COUNTER, "backburner:changes")
    await redis.set(keys.SCHEMA_VERSION, 2)
    await migrate(redis)
    assert await contents(redis) == before
    assert await redis.zscore(keys.sweep_queue("openai"), task.id) == due


async def test_a_record_that_moved_on_since_it_was_read_is_left_for_another_look(
    old: Redis,
) -> None:
    """A process of the earlier version may still be running."""
    before = await contents(old)
    changed = Request(
        {"record": keys.record(TASKS["withdrawn"])},
        {"id": TASKS["withdrawn"], "from": "1", "to": "3", "version": "1", "set_fields": {}},
    )
    assert (await MIGRATE_RECORD.run(old, changed)).reply == 0
    assert await contents(old) == before


async def test_processes_that_start_together_upgrade_each_record_once(
    old: Redis, store: Store
) -> None:
    before = {name: int(await old.hget(keys.record(name), "version")) for name in TASKS.values()}
    await asyncio.gather(*(migrate(old) for _ in range(4)))
    for task in await store.tasks(list(TASKS.values())):
        assert task is not None
        assert task.version == before[task.id] + 1
    assert int(await old.get(keys.CHANGE_COUNTER)) == len(TASKS)


async def test_a_store_of_a_newer_version_is_refused(redis: Redis) -> None:
    await redis.set(keys.SCHEMA_VERSION, SCHEMA + 1)
    with pytest.raises(InvalidSetting) as refused:
        await migrate(redis)
    assert "newer version" in refused.value.message
