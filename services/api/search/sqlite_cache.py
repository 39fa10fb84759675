"""Opens SQLite files of derived data; an unusable file is replaced by an empty one."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

_TRANSIENT = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
}


def source_version(sources: Path, *libraries: str) -> int:
    """Return a number that changes with the code in ``sources`` and with the libraries."""
    digest = sha256("\0".join(libraries).encode())
    for source in sorted(sources.glob("*.py")):
        digest.update(source.read_bytes())
    return int.from_bytes(digest.digest()[:4]) >> 1 or 1  # a positive integer of 32 bits


def connect(path: Path, schema: str, version: int) -> sqlite3.Connection:
    """Open the file. Create it again if it is missing, corrupt or of another version."""
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
    """Remove the file with its journal; no connection may have it open."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def is_corrupt(error: sqlite3.Error) -> bool:
    """Return whether the file itself is unusable, as opposed to a full disk or a lock."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF not in _TRANSIENT


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """Run a transaction on a connection in autocommit mode."""
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
    database.execute("PRAGMA wal_autocheckpoint=16384")  # pages; fewer waits for the disk
    database.execute("PRAGMA journal_size_limit=67108864")
    database.execute("PRAGMA secure_delete=ON")  # overwrite deleted content
