"""SQLite files of which nothing is ever missed: whatever is wrong with one, it is made again."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

_PASSING = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
}


def fingerprint(sources: Path, *libraries: str) -> int:
    """Another number for other code in the folder ``sources``, or other versions of libraries."""
    digest = sha256("\0".join(libraries).encode())
    for source in sorted(sources.glob("*.py")):
        digest.update(source.read_bytes())
    return int.from_bytes(digest.digest()[:4]) >> 1 or 1  # a positive integer of 32 bits


def connect(path: Path, schema: str, version: int) -> sqlite3.Connection:
    """Open the file, made anew where it is missing, damaged or of another version."""
    with suppress(sqlite3.DatabaseError):
        if (database := _opened(path, version)) is not None:
            return database
    discard(path)
    database = sqlite3.connect(path, isolation_level=None)
    _tune(database)
    with transaction(database):
        for statement in schema.split(";"):
            database.execute(statement)
        database.execute(f"PRAGMA user_version={version}")
    return database


def discard(path: Path) -> None:
    """Remove the file and what belongs to it; nobody may have it open."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def damaged(error: sqlite3.Error) -> bool:
    """Whether the file is at fault, rather than the disk's room or the moment."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF not in _PASSING


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """All or nothing, on a connection in autocommit mode."""
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        database.rollback()
        raise
    database.execute("COMMIT")


def _opened(path: Path, version: int) -> sqlite3.Connection | None:
    database = sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, isolation_level=None)
    with ExitStack() as stack:
        stack.callback(database.close)
        _tune(database)
        if database.execute("PRAGMA user_version").fetchone() != (version,):
            return None
        stack.pop_all()
    return database


def _tune(database: sqlite3.Connection) -> None:
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute("PRAGMA wal_autocheckpoint=16384")  # pages: the disk is waited for less often
    database.execute("PRAGMA journal_size_limit=67108864")
    database.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten
