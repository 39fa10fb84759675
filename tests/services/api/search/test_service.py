"""A page of found tasks shows what the store says now."""

import asyncio
import sqlite3
import threading
from collections import Counter
from pathlib import Path

import pytest

from services.api.problems.errors import SearchIndexNotReady
from services.api.search.index import QueryTooSlow, find
from services.api.search.query import owner_word
from services.api.search.service import Search
from shared.domain import changes
from shared.domain.states import Status
from shared.store import Page, keys
from tests.services.api.search.conftest import Scene
from tests.shared import tasks


@pytest.fixture
def search(scene: Scene) -> Search:
    return Search(scene.path, scene.store, scene.indexer)


async def page(
    search: Search,
    query: str = "sky",
    status: Status | None = None,
    cursor: int | None = None,
    limit: int = 9,
    owner: str | None = None,
) -> Page:
    return await search.page(query, status=status, cursor=cursor, limit=limit, owner=owner)


def ids(page: Page) -> list[str]:
    return [task.id for task in page.tasks]


async def test_pages_neither_skip_nor_repeat_a_task(scene: Scene, search: Search) -> None:
    accepted = [await scene.accept("sky") for _ in range(5)]
    await scene.indexer.sync()
    seen, cursor = [], None
    for _ in range(3):
        found = await page(search, cursor=cursor, limit=2)
        seen += ids(found)
        cursor = found.cursor
        await scene.accept("sky")
        await scene.indexer.sync()
    assert seen == [task.id for task in reversed(accepted)]
    assert cursor is None


async def test_what_is_gone_is_not_shown(scene: Scene, search: Search) -> None:
    task, other = await scene.accept("sky"), await scene.accept("sky")
    await scene.indexer.sync()
    await scene.redis.delete(keys.record(task.id))
    assert ids(await page(search)) == [other.id]


async def test_a_state_that_changed_since_is_not_shown(scene: Scene, search: Search) -> None:
    task = await scene.accept("sky")
    await scene.indexer.sync()
    assert ids(await page(search, status=Status.QUEUED)) == [task.id]
    await tasks.changed(scene.store, changes.cancel(task, 1))
    assert ids(await page(search, status=Status.QUEUED)) == []
    (shown,) = (await page(search)).tasks
    assert shown.status is Status.CANCELLED


async def test_a_stale_index_shows_no_other_owners_task(scene: Scene, search: Search) -> None:
    task = await scene.accept("sky", owner="ann")
    await scene.indexer.sync()
    await scene.redis.hset(keys.record(task.id), "owner", "bob")
    assert ids(await page(search, owner="ann")) == []


async def test_a_query_that_takes_too_long_is_interrupted(scene: Scene) -> None:
    await scene.accept(" ".join(f"word{number}" for number in range(50_000)))
    await scene.indexer.sync()
    assert len(find(scene.path, "word*", None, 9)) == 1

    def is_interrupted() -> bool:
        """The query may be done before the timer's thread gets to run."""
        try:
            find(scene.path, "word*", None, 9, timeout_s=0.001)
        except QueryTooSlow:
            return True
        return False

    assert any(is_interrupted() for _ in range(200))


async def test_one_owner_searches_once_at_a_time_and_another_meanwhile(
    scene: Scene, search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, most, go_on = Counter[str](), Counter[str](), threading.Event()

    def blocked(_: Path, wanted: str, *__: object) -> list[tuple[int, str]]:
        owner = "ann" if owner_word("ann") in wanted else "bob"
        running[owner] += 1
        most[owner] = max(most[owner], running[owner])
        assert owner == "bob" or go_on.wait(10)
        running[owner] -= 1
        return []

    monkeypatch.setattr("services.api.search.service.find", blocked)
    await scene.indexer.sync()
    crowd = [asyncio.create_task(page(search, owner="ann")) for _ in range(5)]
    await page(search, owner="bob")
    go_on.set()
    await asyncio.gather(*crowd)
    assert most == {"ann": 1, "bob": 1}


@pytest.mark.parametrize(
    "damage", ["DROP TABLE words_data", "UPDATE words_data SET block = x'ff' WHERE id > 10"]
)
async def test_a_damaged_index_is_repaired(scene: Scene, search: Search, damage: str) -> None:
    task = await scene.accept("sky")
    await scene.indexer.sync()
    with sqlite3.connect(scene.path) as database:
        database.execute(damage)
    database.close()
    for _ in range(2):
        with pytest.raises(SearchIndexNotReady):
            await page(search)
    await scene.indexer.sync()
    assert ids(await page(search)) == [task.id]
