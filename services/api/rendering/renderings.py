"""Keeps rendered answers on disk: an API that is started anew need not render them again."""

import asyncio
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

import structlog

from services.api.search import sqlite_cache

_SCHEMA = """
CREATE TABLE renderings (
    task_id TEXT PRIMARY KEY, answer BLOB NOT NULL, html BLOB NOT NULL, used INTEGER NOT NULL
);
CREATE INDEX renderings_by_use ON renderings (used, LENGTH(html))
"""
_LET_GO = """
DELETE FROM renderings WHERE task_id IN (
    SELECT task_id FROM (
        SELECT task_id, SUM(LENGTH(html)) OVER (ORDER BY used DESC) AS total FROM renderings
    ) WHERE total > ?
)
"""
_GET = """
UPDATE renderings SET used = (SELECT MAX(used) + 1 FROM renderings)
WHERE task_id = ? AND answer = ? RETURNING html
"""
_KEEP = """
REPLACE INTO renderings
SELECT ?, ?, ?, IFNULL(MAX(used), 0) + 1 FROM renderings
"""
_LIBRARIES = ("markdown-it-py", "math-core", "pygments", "nh3")

log = structlog.get_logger("services.api")
T = TypeVar("T")


class Renderings:
    """The HTML of one answer a task, in ``limit`` bytes; the least lately read is let go first.

    Code and libraries of another version begin with an empty file. Whatever is wrong with the file
    costs a rendering and no more.
    """

    def __init__(self, path: Path, *, limit: int = 256 * 1024 * 1024) -> None:
        self._path = path
        self._limit = limit
        self._thread = ThreadPoolExecutor(1, "renderings")
        self._database: sqlite3.Connection | None = None

    async def get(self, task_id: str, answer: bytes) -> str | None:
        """The HTML that was kept for this answer, which is given by its hash."""

        def work(database: sqlite3.Connection) -> str | None:
            row = database.execute(_GET, (task_id, answer)).fetchone()
            return None if row is None else zlib.decompress(row[0]).decode()

        return await self._attempt(work, None)

    async def keep(self, task_id: str, answer: bytes, html: str) -> None:
        """Keep the HTML in place of what was kept for the task."""

        def work(database: sqlite3.Connection) -> None:
            values = (task_id, answer, zlib.compress(html.encode()))
            with sqlite_cache.transaction(database):
                database.execute(_KEEP, values)
                database.execute(_LET_GO, (self._limit,))

        await self._attempt(work, None)

    async def forget(self, ids: Sequence[str]) -> None:
        """Remove what was kept for tasks that are gone."""

        def work(database: sqlite3.Connection) -> None:
            rows = [(task_id,) for task_id in ids]
            if database.executemany("DELETE FROM renderings WHERE task_id = ?", rows).rowcount:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        await self._attempt(work, None)

    async def task_ids(self, after: str, limit: int) -> Sequence[str]:
        """For which tasks something is kept, in order."""

        def work(database: sqlite3.Connection) -> Sequence[str]:
            rows = database.execute(
                "SELECT task_id FROM renderings WHERE task_id > ? ORDER BY task_id LIMIT ?",
                (after, limit),
            )
            return [task_id for (task_id,) in rows]

        return await self._attempt(work, [])

    async def aclose(self) -> None:
        """Close the file, when what is under way has been done."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown()

    async def _attempt(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._try, work, otherwise)

    def _try(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        try:
            if self._database is None:
                libraries = (f"{name} {version(name)}" for name in _LIBRARIES)
                mark = sqlite_cache.fingerprint(Path(__file__).parent, *libraries)
                self._database = sqlite_cache.connect(self._path, _SCHEMA, mark)
            return work(self._database)
        except (sqlite3.Error, OSError) as error:
            log.warning("renderings are not kept", reason=repr(error))
            if isinstance(error, sqlite3.Error) and sqlite_cache.damaged(error):
                self._close()
                sqlite_cache.discard(self._path)
            return otherwise

    def _close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
