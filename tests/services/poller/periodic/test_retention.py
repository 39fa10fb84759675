"""What was kept long enough is exported if asked and then deleted; nothing else is touched."""

import asyncio
import resource
from collections.abc import Awaitable, Callable
from pathlib import Path

import orjson
import pytest
from redis.asyncio import Redis

from services.poller.decisions.retention import expired
from services.poller.periodic.retention import (
    EXPORT_RETRY_MS,
    MAX_CONCURRENT,
    PAGE_SIZE,
    Exporter,
    Retention,
)
from shared.domain import changes
from shared.domain.changes import TaskResult
from shared.domain.states import TERMINAL, Status
from shared.domain.task import Task
from shared.domain.tombstone import DeletionOutcome
from shared.store import Store, TaskDeletion, clock, keys
from tests.shared import tasks

KEEP = 1_000_000


async def ended(store: Store, **fields: str) -> Task:
    running = await tasks.changed(
        store,
        changes.mark_in_progress(await tasks.submitting(store, **fields), "resp_1", "queued", 0, 0),
    )
    ending = TaskResult(Status.COMPLETED, response=b'{"output":[]}')
    return await tasks.changed(store, changes.finish(running, ending, polled=True))


async def later(store: Store, redis: Redis, archive: Exporter | None = None) -> Retention:
    """Retention at a time when everything that has ended is old enough."""
    now = await clock.now(redis)
    return Retention(store, "openai", KEEP, lambda: now + KEEP + 1000, archive)


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def asked_for(store: Store) -> list[str]:
    page = await store.page(status=None, cursor=None, limit=100)
    return [task.id for task in reversed(page.tasks) if task.deletion_requested_at is not None]


@pytest.mark.parametrize("status", sorted(Status))
def test_only_an_ended_task_expires_a_while_after_its_end(status: Status) -> None:
    task = tasks.snapshot(status, completed_at=5)
    assert expired(task, "openai", 6) is (status in TERMINAL)
    assert not expired(task, "openai", 5)


@pytest.mark.parametrize(
    "fields",
    [
        {"watch_until": 3},
        {"deletion_requested_at": 3},
        {"ended_from": Status.SUBMITTING},
        {"provider": "simulator"},
        {"completed_at": None},
    ],
)
def test_a_task_that_is_not_settled_or_not_ours_never_expires(fields: dict[str, object]) -> None:
    task = tasks.snapshot(Status.CANCELLED, **({"completed_at": 5} | fields))
    assert not expired(task, "openai", 6)


async def test_the_oldest_tasks_are_deleted_first_and_only_a_few_at_a_time(
    store: Store, redis: Redis
) -> None:
    done = [await ended(store) for _ in range(MAX_CONCURRENT + 2)]
    keeper = await later(store, redis)
    for _ in range(3):
        await keeper.run()
        assert await asked_for(store) == [task.id for task in done[:MAX_CONCURRENT]]

    for task in done[:MAX_CONCURRENT]:
        await store.delete(TaskDeletion((await store.load(task.id)).task, DeletionOutcome.DELETED))
    await keeper.run()
    assert await asked_for(store) == [task.id for task in done[MAX_CONCURRENT:]]


@pytest.mark.parametrize("bring", [tasks.accepted, tasks.deleting])
async def test_tasks_that_stay_at_the_head_do_not_hide_those_after_them(
    store: Store, redis: Redis, bring: Callable[[Store], Awaitable[Task]]
) -> None:
    """They are open, or their deletion cannot go on."""
    first = await bring(store)
    for _ in range(PAGE_SIZE - 1):
        await tasks.accepted(store)
    old = await ended(store)
    keeper = await later(store, redis)
    for _ in range(2):
        await keeper.run()
    stuck = [first.id] if first.deletion_requested_at else []
    assert await asked_for(store) == [*stuck, old.id]


async def test_retention_starts_over_after_the_last_expired_task(
    store: Store, redis: Redis
) -> None:
    for _ in range(PAGE_SIZE):
        await tasks.accepted(store)
    old = await ended(store)
    keeper = await later(store, redis)
    for _ in range(3):
        await keeper.run()
    await redis.hdel(keys.record(old.id), "deletion_requested_at")
    for _ in range(2):
        await keeper.run()
    assert await asked_for(store) == [old.id]


async def test_a_recent_task_is_kept(store: Store, redis: Redis) -> None:
    await ended(store)
    now = await clock.now(redis)
    await Retention(store, "openai", KEEP, lambda: now).run()
    assert await asked_for(store) == []


async def test_it_is_exported_before_its_deletion_is_asked_for(
    store: Store, redis: Redis, tmp_path: Path
) -> None:
    task = await ended(store, title="Old and good")
    folder = tmp_path / "kept"
    await (await later(store, redis, Exporter(folder, store))).run()

    (file,) = files(folder)
    kept = orjson.loads(file.read_bytes())
    assert file.name == f"{task.id}.json"
    assert file.stat().st_mode & 0o777 == 0o600
    assert (kept["title"], kept["export"]["format"]) == ("Old and good", "backburner/1")
    assert kept["export"]["deletion"] is None
    assert await asked_for(store) == [task.id]


async def test_a_task_that_cannot_be_exported_is_kept_and_retried_later(
    store: Store, redis: Redis, tmp_path: Path
) -> None:
    task = await ended(store)
    blocked = tmp_path / "kept"
    blocked.write_text("a file where the directory should be")
    keeper = await later(store, redis, Exporter(blocked, store))
    await keeper.run()
    assert await asked_for(store) == []

    blocked.unlink()
    await keeper.run()
    assert await asked_for(store) == []
    then = keeper.clock() + EXPORT_RETRY_MS
    keeper.clock = lambda: then
    await keeper.run()
    assert await asked_for(store) == [task.id]


async def test_a_full_disk_leaves_no_partial_file(store: Store, tmp_path: Path) -> None:
    task = await ended(store)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            await Exporter(tmp_path, store).export(task)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert files(tmp_path) == []


async def test_concurrent_exports_of_one_task_write_one_whole_file(
    store: Store, tmp_path: Path
) -> None:
    task = await ended(store)
    archive = Exporter(tmp_path, store)
    await asyncio.gather(*(archive.export(task) for _ in range(8)))
    (file,) = files(tmp_path)
    assert orjson.loads(file.read_bytes())["export"]["id"] == task.id
