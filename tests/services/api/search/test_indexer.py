"""The index comes to show what the store holds, whatever either has been through."""

import asyncio
import sqlite3
import threading
from contextlib import closing, suppress
from typing import Any

import pytest

from services.api.search import indexer as module
from shared.domain import changes
from shared.domain.states import Status
from shared.store import StoreIdentity, keys
from tests.services.api.search.conftest import BATCH, Scene
from tests.shared import tasks


async def test_what_is_there_at_the_start_is_found(scene: Scene) -> None:
    task = await scene.complete(await scene.accept("why is the sky blue"), "Because of Rayleigh.")
    other = await scene.accept("why is grass green")
    assert not scene.indexer.ready
    await scene.indexer.sync()
    assert scene.indexer.ready
    assert scene.found("why") == [other.id, task.id]
    assert scene.found("sky rayleigh") == scene.found("why", Status.COMPLETED) == [task.id]


async def test_each_change_is_followed(scene: Scene) -> None:
    await scene.indexer.sync()
    task = await scene.accept("sky")
    await scene.indexer.sync()
    assert scene.found("sky", Status.QUEUED) == [task.id]
    await scene.complete(task, "Because.")
    await scene.indexer.sync()
    assert scene.found("sky because", Status.COMPLETED) == [task.id]
    assert scene.found("sky", Status.QUEUED) == []


async def test_tasks_are_read_in_batches_and_only_once(scene: Scene) -> None:
    accepted = [await scene.accept("sky") for _ in range(BATCH * 2 + module.MAX_ANSWERS + 1)]
    await scene.indexer.sync()
    assert scene.found("sky") == [task.id for task in reversed(accepted)]
    assert scene.store.texts_read == len(accepted)
    scene.store.records = scene.store.texts_read = 0
    for indexer in (scene.indexer, scene.again()):  # the next turn, and the next process
        await indexer.sync()
        assert indexer.ready
        assert (scene.store.records, scene.store.texts_read) == (0, 0)
    assert len(scene.found("sky")) == len(accepted)


async def test_questions_are_held_together_and_answers_a_few_at_a_time(scene: Scene) -> None:
    """New tasks may come by the thousand, and an answer may have 50 MB."""
    for _ in range(module.MAX_ANSWERS + 1):
        await scene.complete(await scene.accept("sky"), "Because.")
    for _ in range(7):
        await scene.accept("grass")
    await scene.indexer.sync()
    assert len(scene.found("because")) == module.MAX_ANSWERS + 1
    assert len(scene.found("grass")) == 7
    assert sorted(scene.store.at_once) == [1, 7, module.MAX_ANSWERS]


async def test_a_deleted_task_leaves_the_index_and_is_reported(scene: Scene) -> None:
    task = await scene.complete(await scene.accept("sky"), "Because.")
    await scene.indexer.sync()
    await scene.delete(task)
    await scene.indexer.sync()
    assert scene.found("sky") == []
    assert scene.deleted == [task.id]


async def test_a_task_that_goes_while_its_texts_are_read_is_left_out(scene: Scene) -> None:
    task, other = await scene.accept("sky"), await scene.accept("sky")
    await scene.redis.delete(keys.conversation(task.id))
    await scene.indexer.sync()
    assert scene.found("sky") == [other.id]


class TestStartedAnew:
    """The API is started again, with the index that it left."""

    async def test_what_happened_meanwhile_is_caught_up_with(self, scene: Scene) -> None:
        first, second = await scene.accept("sky"), await scene.accept("sky")
        await scene.indexer.sync()
        await scene.complete(first, "Because.")
        third = await scene.accept("sky")
        await scene.again().sync()
        assert scene.found("sky") == [third.id, second.id, first.id]
        assert scene.found("because") == [first.id]
        assert scene.store.texts_read == 2

    async def test_a_deletion_that_is_forgotten_meanwhile_is_noticed(self, scene: Scene) -> None:
        task = await scene.complete(await scene.accept("sky"), "Because.")
        await scene.indexer.sync()
        await scene.delete(task)
        await scene.redis.zrem(keys.CHANGE_INDEX, task.id)  # as after 30 days
        await scene.redis.set(keys.PRUNED_UPTO, 5)
        await scene.again().sync()
        assert scene.found("sky") == []
        assert scene.deleted == [task.id]

    async def test_a_deletion_pruned_on_the_way_stops_no_walk(self, scene: Scene) -> None:
        for _ in range(BATCH * 2):
            await scene.accept("sky")
        await scene.redis.set(keys.PRUNED_UPTO, BATCH * 2)
        await scene.indexer.sync()
        assert len(scene.found("sky")) == BATCH * 2

    async def test_a_deletion_pruned_in_an_outage_begins_a_walk(self, scene: Scene) -> None:
        task, other = await scene.accept("sky"), await scene.accept("sea")
        await scene.indexer.sync()
        await scene.delete(await tasks.changed(scene.store, changes.cancel(task, 1)))
        await tasks.changed(scene.store, changes.cancel(other, 1))
        await scene.redis.zrem(keys.CHANGE_INDEX, task.id)  # as after 30 days
        await scene.redis.set(keys.PRUNED_UPTO, 5)
        async with scene.running():
            while scene.found("sky"):
                await asyncio.sleep(0.01)

    async def test_searching_goes_on_from_the_first_look(self, scene: Scene) -> None:
        for _ in range(BATCH + 1):
            await scene.accept("sky")
        await scene.indexer.sync()
        indexer = scene.again()
        ready = []
        compare = scene.store.changed_after

        async def changed_after(*args: Any, **options: Any) -> Any:
            ready.append(indexer.ready)
            return await compare(*args, **options)

        scene.store.changed_after = changed_after  # type: ignore[method-assign] -- to look in between
        await indexer.sync()
        assert ready == [True, True]

    async def test_an_interrupted_first_walk_goes_on(self, scene: Scene) -> None:
        accepted = [await scene.accept("sky") for _ in range(BATCH * 2)]
        changed_after = scene.store.changed_after

        async def once(*args: Any, **options: Any) -> Any:
            scene.store.changed_after = none  # type: ignore[method-assign] -- it breaks off here
            return await changed_after(*args, **options)

        async def none(*_: Any, **__: Any) -> Any:
            raise OSError

        scene.store.changed_after = once  # type: ignore[method-assign] -- see above
        with pytest.raises(OSError):  # noqa: PT011 -- the one above
            await scene.indexer.sync()
        assert not scene.indexer.ready
        scene.store.changed_after = changed_after  # type: ignore[method-assign] -- as it was
        await scene.again().sync()
        assert len(scene.found("sky")) == len(accepted)
        assert scene.store.texts_read == len(accepted) - BATCH
        assert scene.deleted == []


class TestAnotherStore:
    """What was derived from one store is never shown for another one, nor for its past."""

    async def test_an_index_of_another_store_is_thrown_away(self, scene: Scene) -> None:
        await scene.accept("sky")
        await scene.indexer.sync()
        await scene.redis.flushall()
        scene.origin.identity = StoreIdentity("another store", "run")
        task = await scene.accept("sea")
        await scene.indexer.sync()
        assert scene.found("sky") == []
        assert scene.found("sea") == [task.id]
        assert scene.deleted == []

    async def test_it_is_not_ready_until_all_of_the_other_is_read(self, scene: Scene) -> None:
        await scene.indexer.sync()
        scene.origin.identity = StoreIdentity("another store", "run")
        await scene.redis.set(keys.CHANGE_INDEX, "of another type, so that reading fails")
        with pytest.raises(Exception, match="WRONGTYPE"):
            await scene.indexer.sync()
        assert not scene.indexer.ready

    @pytest.mark.parametrize("watched", [True, False])
    @pytest.mark.parametrize("further", [0, 9])
    async def test_a_backup_is_followed(self, scene: Scene, further: int, *, watched: bool) -> None:
        """Also once new changes have got the numbers of lost ones, and a new task their place."""
        kept, ran = await scene.accept("kept sky"), await scene.accept("ran sky")
        backup = await scene.backup()
        await scene.complete(ran, "Because.")
        lost = await scene.accept("lost sky")
        await scene.indexer.sync()
        assert scene.found("sky") == [lost.id, ran.id, kept.id]
        await scene.restore(backup)
        await tasks.changed(scene.store, changes.cancel(ran, 1))
        new = await scene.accept("new sky")
        for _ in range(further):
            await scene.accept("sea")
        await (scene.indexer if watched else scene.again()).sync()
        assert scene.found("sky") == [new.id, ran.id, kept.id]
        assert scene.found("sky", Status.CANCELLED) == [ran.id]
        assert scene.found("lost") == scene.found("because") == []

    async def test_a_store_set_back_far_is_read_in_bounded_steps(self, scene: Scene) -> None:
        backup = await scene.backup()
        for _ in range(module.MAX_RECORDS * 2 + 5):
            await scene.accept("sky")
        await scene.indexer.sync()
        await scene.restore(backup)
        asked = []
        tasks_of = scene.store.tasks

        async def counted(ids: Any) -> Any:
            asked.append(len(ids))
            return await tasks_of(ids)

        scene.store.tasks = counted  # type: ignore[method-assign] -- to look at what is asked
        await scene.indexer.sync()
        assert scene.found("sky") == []
        assert asked == [module.MAX_RECORDS, module.MAX_RECORDS, 5]

    async def test_the_same_number_for_another_change_is_noticed(self, scene: Scene) -> None:
        task = await scene.accept("sky")
        backup = await scene.backup()
        await tasks.changed(scene.store, changes.claim(task, "a claim", 50_000))
        await scene.indexer.sync()
        assert scene.found("sky", Status.SUBMITTING) == [task.id]
        await scene.restore(backup)
        await tasks.changed(scene.store, changes.cancel(task, 1))
        await scene.indexer.sync()
        assert scene.found("sky", Status.CANCELLED) == [task.id]
        assert scene.found("sky", Status.SUBMITTING) == []

    async def test_after_a_restart_no_text_is_read_again(self, scene: Scene) -> None:
        await scene.accept("sky")
        await scene.indexer.sync()
        scene.store.records = scene.store.texts_read = 0
        scene.origin.identity = StoreIdentity("store", "another run")
        await scene.indexer.sync()
        assert (scene.store.records, scene.store.texts_read) == (1, 0)
        assert scene.indexer.ready

    async def test_changes_ahead_of_the_counter_are_taken_once(self, scene: Scene) -> None:
        task = await scene.accept("sky")
        await scene.redis.zadd(keys.CHANGE_INDEX, {task.id: 9})
        await scene.indexer.sync()
        assert scene.found("sky") == [task.id]
        scene.store.records = 0
        await scene.indexer.sync()
        assert scene.store.records == 0
        await scene.complete(task, "Because.")
        await scene.indexer.sync()
        assert scene.found("sky", Status.COMPLETED) == [task.id]

    async def test_a_counter_that_was_set_back_by_hand_is_believed(self, scene: Scene) -> None:
        task = await scene.accept("sky")
        await scene.accept("sea")
        await scene.indexer.sync()
        await scene.redis.zrem(keys.CHANGE_INDEX, task.id)
        await scene.redis.delete(keys.record(task.id))
        await scene.redis.set(keys.CHANGE_COUNTER, 1)
        await scene.indexer.sync()
        assert scene.found("sky") == []


with closing(sqlite3.connect(":memory:")) as database:
    database.execute("CREATE TABLE tasks (something TEXT)")
    database.execute("PRAGMA user_version = 1")
    OLDER_VERSION = database.serialize()


class TestDamage:
    """A damaged file is made again; it costs time and nothing else."""

    @pytest.mark.parametrize(
        "junk", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5000, OLDER_VERSION]
    )
    async def test_a_file_that_is_no_index_is_replaced(self, scene: Scene, junk: bytes) -> None:
        task = await scene.accept("sky")
        scene.path.write_bytes(junk)
        await scene.indexer.sync()
        assert scene.found("sky") == [task.id]

    @pytest.mark.parametrize("spoiled", ["words_data", "tasks", "meta"])
    async def test_damage_that_writing_meets_is_repaired(self, scene: Scene, spoiled: str) -> None:
        await scene.indexer.sync()
        with sqlite3.connect(scene.path) as database:
            database.execute(f"DROP TABLE {spoiled}")
        database.close()
        task = await scene.accept("sky")
        found: list[str] = []
        async with scene.running():
            while found != [task.id]:
                await asyncio.sleep(0.01)
                with suppress(sqlite3.Error):
                    found = scene.found("sky")

    async def test_a_full_disk_is_no_damage(self, scene: Scene) -> None:
        await scene.indexer.sync()
        full = sqlite3.OperationalError("database or disk is full")
        full.sqlite_errorcode = sqlite3.SQLITE_FULL
        scene.indexer.failed(full)
        assert scene.indexer.ready


async def test_an_outage_of_the_store_only_delays(scene: Scene) -> None:
    task = await scene.accept("sky")
    scene.server.connected = False
    async with scene.running() as indexer:
        await asyncio.sleep(0.05)
        assert not indexer.ready
        scene.server.connected = True
        while not indexer.ready:
            await asyncio.sleep(0.01)
    assert scene.found("sky") == [task.id]


async def test_leaving_waits_for_what_is_being_written(scene: Scene) -> None:
    for _ in range(60):
        await scene.accept("sky")
    async with scene.running():
        while not scene.path.exists():
            await asyncio.sleep(0)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("search")]
    await scene.again().sync()
    assert len(scene.found("sky")) == 60
