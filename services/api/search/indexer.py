"""Keeps the search index up to date by comparing the number of each task's last change."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self, TypeVar

import structlog
from redis.exceptions import RedisError

from services.api.search import sqlite_cache
from services.api.search.documents import IndexedVersion, read
from services.api.search.index import Index
from shared.domain.errors import EventsTrimmed
from shared.domain.task import Task
from shared.runtime.cancellation import cancel_and_wait
from shared.store import IdentityReader, Reader, StoreIdentity

SYNC_INTERVAL_S = 0.5
MAX_RETRY_DELAY_S = 10.0

BATCH_SIZE = 1_000
"""Tasks whose change numbers are compared at a time."""

MAX_RECORDS = 100
"""Tasks whose records are in memory at a time."""

MAX_ANSWERS = 10
"""Answered tasks whose texts are in memory at a time; an answer may have 50 MB."""

MAX_QUESTIONS = 40
"""Unanswered tasks whose texts are in memory at a time, each of 4 MB at most."""

log = structlog.get_logger("services.api")
T = TypeVar("T")


class Indexer:
    """Writes the index at ``path`` within ``async with``; ``ready`` while it is complete.

    It scans all tasks at its start and after each restart of Redis. If the index was complete for
    the same run of Redis, equal change numbers mean equal tasks; otherwise Redis may have been
    rolled back, and each record is compared. ``on_deleted`` is called with the ids of tasks that
    no longer exist.
    """

    def __init__(
        self,
        path: Path,
        store: Reader,
        origin: IdentityReader,
        on_deleted: Callable[[Sequence[str]], None],
        *,
        interval_s: float = SYNC_INTERVAL_S,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        self.ready = False
        self._path = path
        self._store = store
        self._origin = origin
        self._on_deleted = on_deleted
        self._thread = ThreadPoolExecutor(1, "search")
        self._index: Index | None = None
        self._identity: StoreIdentity | None = None
        self._full_scan = False
        self._trusted = False
        self._corrupt = False
        self._position = 0
        self._interval_s = interval_s
        self._batch_size = batch_size

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        await cancel_and_wait(self._task)
        await self.aclose()

    async def aclose(self) -> None:
        """Close the index after the write in progress."""
        if self._index is not None:
            await self._in_thread(self._index.close)
        self._thread.shutdown()

    def failed(self, error: sqlite3.Error) -> None:
        """Report an error of the index; a corrupt file is rebuilt by the next sync."""
        if sqlite_cache.is_corrupt(error):
            self.ready = False
            self._corrupt = True

    async def sync(self) -> None:
        """Index every change up to now, and remove some remains of deleted tasks."""
        index = await self._open()
        identity, latest = await self._origin.read()
        if identity != self._identity or latest < self._position:
            await self._start_full_scan(index, identity)
        if self._full_scan or latest > self._position:
            while await self._step(index):
                pass
            # Not where the last step ended: the last changes may be deletions since pruned.
            self._position = latest
        if self._full_scan:
            await self._in_thread(index.complete, identity)
            self._full_scan, self.ready = False, True
        await self._in_thread(index.tidy)

    async def _open(self) -> Index:
        if self._index is None:
            self._index = await self._in_thread(Index, self._path)
        elif self._corrupt:
            await self._in_thread(self._index.clear)
            self._identity = None
        self._corrupt = False
        return self._index

    async def _start_full_scan(self, index: Index, identity: StoreIdentity) -> None:
        """Scan all tasks again; an index of another store is emptied first."""
        indexed = await self._in_thread(index.identity)
        self.ready = indexed.store == identity.store
        if indexed.store not in {"", identity.store}:
            await self._in_thread(index.clear)
        self._trusted = indexed == identity
        self._identity, self._full_scan, self._position = identity, True, 0

    async def _step(self, index: Index) -> bool:
        """Compare the next batch of tasks; return whether there are more."""
        after = self._position
        since = 0 if self._full_scan else after
        changed = await self._store.changed_after(after, self._batch_size, since=since)
        more = len(changed) == self._batch_size
        numbers = dict(changed)
        upto = changed[-1][1] if more else None
        indexed = await self._in_thread(index.shown, after, upto)
        ids = [
            task_id
            for task_id in {**numbers, **indexed}
            if not self._trusted or indexed.get(task_id, _NOTHING).number != numbers.get(task_id)
        ]
        # After a rollback very many indexed tasks may be missing in Redis.
        for start in range(0, len(ids), MAX_RECORDS):
            await self._compare(index, ids[start : start + MAX_RECORDS], numbers, indexed)
        self._position = changed[-1][1] if changed else after
        return more

    async def _compare(
        self,
        index: Index,
        ids: Sequence[str],
        numbers: Mapping[str, int],
        indexed: Mapping[str, IndexedVersion],
    ) -> None:
        """Remove tasks that no longer exist and index those that differ.

        A task with a number outside of ``numbers`` is indexed when the scan reaches that number.
        """
        tasks = await self._store.tasks(ids)
        deleted = [each for each, task in zip(ids, tasks, strict=True) if task is None]
        if deleted:
            await self._in_thread(index.forget, deleted)
            self._on_deleted(deleted)
        here = [(task, numbers[task.id]) for task in tasks if task and task.id in numbers]
        for some in _groups(
            [each for each in here if indexed.get(each[0].id) != IndexedVersion.of(*each)]
        ):
            texts = await self._store.load_texts([task.id for task, _ in some])
            await self._in_thread(_write, index, some, texts)

    async def _run(self) -> None:
        delay = self._interval_s
        while True:
            try:
                await self.sync()
                delay = self._interval_s
            except EventsTrimmed:
                self._identity = None
            except Exception as error:  # noqa: BLE001 -- no error may end the indexing
                delay = self._back_off(error, delay)
            await asyncio.sleep(delay)

    def _back_off(self, error: Exception, delay: float) -> float:
        """Log the first failure in a row; return the next delay in seconds."""
        if isinstance(error, sqlite3.Error):
            self.failed(error)
        if delay == self._interval_s:
            known = isinstance(error, (RedisError, OSError, sqlite3.Error))
            reason = repr(error)
            log.warning("search_index_sync_failed", error=reason, exc_info=None if known else error)
        return min(delay * 2, MAX_RETRY_DELAY_S)

    async def _in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)


_NOTHING = IndexedVersion(0, "")


def _groups(changed: Sequence[tuple[Task, int]]) -> Iterator[Sequence[tuple[Task, int]]]:
    answered = [each for each in changed if each[0].is_terminal]
    unanswered = [each for each in changed if not each[0].is_terminal]
    for some, limit in ((unanswered, MAX_QUESTIONS), (answered, MAX_ANSWERS)):
        for start in range(0, len(some), limit):
            yield some[start : start + limit]


def _write(
    index: Index,
    changed: Sequence[tuple[Task, int]],
    texts: Sequence[tuple[bytes | None, bytes | None]],
) -> None:
    """Write all in one transaction; a task without a conversation was deleted meanwhile."""
    index.write(
        read(task, number, conversation, body)
        for (task, number), (conversation, body) in zip(changed, texts, strict=True)
        if conversation is not None
    )
