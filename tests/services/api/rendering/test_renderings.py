"""Rendered answers outlive the process, in a bounded file that may be lost at any time."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from services.api.rendering.renderings import Renderings
from services.api.search import sqlite_cache

ANSWER = b"the hash of an answer"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "renderings.sqlite"


@asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Renderings]:
    renderings = Renderings(path, limit=100)
    yield renderings
    await renderings.aclose()


@pytest.fixture
async def renderings(path: Path) -> AsyncIterator[Renderings]:
    async with opened(path) as renderings:
        yield renderings


def spoil(path: Path, start: int, junk: bytes) -> None:
    with path.open("ab") as file:
        file.truncate(start)
        file.write(junk)


async def kept(renderings: Renderings, *ids: str) -> list[bool]:
    return [await renderings.get(task_id, ANSWER) is not None for task_id in ids]


async def test_what_is_kept_is_found_by_task_and_answer(renderings: Renderings) -> None:
    await renderings.keep("t", ANSWER, "<p>你好</p>")
    assert await renderings.get("t", ANSWER) == "<p>你好</p>"
    assert await renderings.get("t", b"another") is None
    assert await renderings.get("u", ANSWER) is None


async def test_the_least_lately_read_is_let_go_first(renderings: Renderings) -> None:
    """Each takes 33 bytes or so, compressed."""
    for task_id in ("a", "b", "c"):
        await renderings.keep(task_id, ANSWER, f"<p>some words of {task_id}</p>")
    await renderings.get("a", ANSWER)
    await renderings.keep("d", ANSWER, "<p>some words of d</p>")
    assert await kept(renderings, "a", "b", "c", "d") == [True, False, True, True]


async def test_one_that_is_larger_than_the_file_may_be_leaves_no_other_one(
    renderings: Renderings,
) -> None:
    await renderings.keep("small", ANSWER, "<p></p>")
    await renderings.keep("large", ANSWER, "".join(map(chr, range(1000))))
    assert await kept(renderings, "large") == [False]


async def test_a_deleted_task_leaves_no_byte(renderings: Renderings, path: Path) -> None:
    await renderings.keep("t", b"0123456789abcdef", "x")
    await renderings.keep("u", ANSWER, "x")
    await renderings.forget(["t", "never there"])
    assert await kept(renderings, "u") == [True]
    for file in path.parent.iterdir():
        assert b"0123456789abcdef" not in file.read_bytes()


async def test_it_says_for_which_tasks_it_keeps_something(renderings: Renderings) -> None:
    for task_id in ("b", "c", "a"):
        await renderings.keep(task_id, ANSWER, "x")
    assert await renderings.task_ids("", 2) == ["a", "b"]
    assert await renderings.task_ids("b", 2) == ["c"]


async def test_another_version_of_the_code_begins_with_nothing(path: Path) -> None:
    async with opened(path) as renderings:
        await renderings.keep("t", ANSWER, "x")
    database = sqlite3.connect(path)
    database.execute("PRAGMA user_version = 1")
    database.close()
    async with opened(path) as upgraded:
        assert await upgraded.get("t", ANSWER) is None
        await upgraded.keep("t", ANSWER, "y")
        assert await upgraded.get("t", ANSWER) == "y"


async def test_the_version_is_that_of_every_source_and_library(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("1")
    before = sqlite_cache.fingerprint(tmp_path, "nh3 1")
    assert sqlite_cache.fingerprint(tmp_path, "nh3 1") == before
    assert sqlite_cache.fingerprint(tmp_path, "nh3 2") != before
    (tmp_path / "a.py").write_text("2")
    assert sqlite_cache.fingerprint(tmp_path, "nh3 1") != before


@pytest.mark.parametrize("junk", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5000])
async def test_a_damaged_file_costs_what_was_in_it(junk: bytes, path: Path) -> None:
    spoil(path, 0, junk)
    async with opened(path) as renderings:
        assert await renderings.get("t", ANSWER) is None
        await renderings.keep("t", ANSWER, "x")
        assert await renderings.get("t", ANSWER) == "x"


async def test_damage_that_shows_later_costs_no_more(path: Path) -> None:
    async with opened(path) as renderings:
        await renderings.keep("t", ANSWER, "x")
    spoil(path, 4096, b"\xff" * 12288)
    async with opened(path) as renderings:
        assert await renderings.get("t", ANSWER) is None
        await renderings.keep("t", ANSWER, "y")
        assert await renderings.get("t", ANSWER) == "y"


async def test_without_a_place_for_the_file_nothing_is_kept(tmp_path: Path) -> None:
    async with opened(tmp_path / "missing" / "renderings.sqlite") as renderings:
        await renderings.keep("t", ANSWER, "x")
        assert await renderings.get("t", ANSWER) is None
        assert await renderings.task_ids("", 9) == []
