"""A derived file opens whatever is wrong with it, and then holds what it should: nothing."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from services.api.search import sqlite_cache

SCHEMA = "CREATE TABLE kept (word TEXT); CREATE TABLE more (word TEXT)"


def words(database: sqlite3.Connection) -> list[str]:
    found = [word for (word,) in database.execute("SELECT word FROM kept")]
    database.close()
    return found


def killed(tmp_path: Path) -> Path:
    """A file as a process leaves it that is killed: what it wrote last is in the journal."""
    database = sqlite_cache.connect(tmp_path / "before", SCHEMA, 1)
    database.execute("INSERT INTO kept VALUES ('word')")
    for suffix in ("", "-wal"):
        shutil.copy(tmp_path / f"before{suffix}", tmp_path / f"after{suffix}")
    database.close()
    return tmp_path / "after"


def test_what_a_killed_process_wrote_is_there(tmp_path: Path) -> None:
    assert words(sqlite_cache.connect(killed(tmp_path), SCHEMA, 1)) == ["word"]


def test_of_another_version_nothing_is_left(tmp_path: Path) -> None:
    path = killed(tmp_path)
    assert words(sqlite_cache.connect(path, SCHEMA, 2)) == []
    assert words(sqlite_cache.connect(path, SCHEMA, 2)) == []


@pytest.mark.parametrize("junk", [b"", b"no database", b"\xff" * 9000])
def test_a_damaged_file_is_empty_or_what_its_journal_says(tmp_path: Path, junk: bytes) -> None:
    path = killed(tmp_path)
    path.write_bytes(junk)
    found = words(sqlite_cache.connect(path, SCHEMA, 1))
    assert found in ([], ["word"])
    assert words(sqlite_cache.connect(path, SCHEMA, 1)) == found


def test_a_removed_file_leaves_no_journal_to_the_next(tmp_path: Path) -> None:
    path = killed(tmp_path)
    path.unlink()
    assert words(sqlite_cache.connect(path, SCHEMA, 1)) == []
    assert words(sqlite_cache.connect(path, SCHEMA, 1)) == []


def test_half_a_transaction_is_none(tmp_path: Path) -> None:
    database = sqlite_cache.connect(tmp_path / "file", SCHEMA, 1)

    def half() -> None:
        with sqlite_cache.transaction(database):
            database.execute("INSERT INTO kept VALUES ('half')")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    with sqlite_cache.transaction(database):
        database.execute("INSERT INTO kept VALUES ('whole')")
    assert words(database) == ["whole"]


@pytest.mark.parametrize(
    ("code", "is_corrupt"),
    [
        (sqlite3.SQLITE_CORRUPT, True),
        (sqlite3.SQLITE_NOTADB, True),
        (sqlite3.SQLITE_CANTOPEN, True),
        (sqlite3.SQLITE_IOERR_SHORT_READ, True),
        (sqlite3.SQLITE_FULL, False),
        (sqlite3.SQLITE_BUSY, False),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, False),
    ],
)
def test_a_full_disk_or_a_busy_moment_is_no_damage(code: int, *, is_corrupt: bool) -> None:
    error = sqlite3.OperationalError("…")
    error.sqlite_errorcode = code
    assert sqlite_cache.is_corrupt(error) is is_corrupt
