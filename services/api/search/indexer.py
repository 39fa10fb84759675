"""Keeps the index at what the store holds, by comparing the number of each task's last change."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol, Self, TypeVar

import structlog
from redis.exceptions import RedisError

from services.api.search import sqlite_cache
from services.api.search.documents import Shown, read
from services.api.search.index import Index
from shared.domain.errors import EventsTrimmed
from shared.domain.task import Task
from shared.runtime.cancellation import cancel_and_wait
from shared.store import IdentityReader, Reader, StoreIdentity

PAUSE = 0.5
"""Seconds between two looks at the store, and so the longest that a change waits for the index."""

LONGEST_PAUSE = 10.0
"""Seconds between two while something is in the way."""

BATCH = 1_000
"""Tasks whose numbers are compared at a time."""

RECORDS = 100
"""Tasks whose records are held at a time."""

TEXTS = 10
"""Tasks whose texts are held at a time, where they have an answer: it may be 50 MB."""

QUESTIONS = 40
"""The same of those that have only a question, of 4 MB at most: new ones come many at once."""

log = structlog.get_logger("services.api")
T = TypeVar("T")


class Audience(Protocol):
    """Who else wants to know what becomes of tasks."""

    def ended(self, task_id: str) -> None:
        """A task came to its end, or changed after it, since the index was complete."""

    async def gone(self, ids: Sequence[str]) -> None:
        """The store has these tasks no more."""


class Follower:
    """Writes the index in ``path`` within ``async with``; ``ready`` while all can be found in it.

    At its start and whenever the store was started anew it walks through all tasks. Where the index
    was complete for the same run of the store, equal numbers are equal changes; otherwise the store
    may have been set back, and each record is looked at.
    """

    def __init__(
        self,
        path: Path,
        store: Reader,
        origin: IdentityReader,
        audience: Audience,
        *,
        pause: float = PAUSE,
        batch: int = BATCH,
    ) -> None:
        self.ready = False
        self._path = path
        self._store = store
        self._origin = origin
        self._audience = audience
        self._thread = ThreadPoolExecutor(1, "search")
        self._index: Index | None = None
        self._identity: StoreIdentity | None = None
        self._walking = False
        self._believed = False
        self._damaged = False
        self._position = 0
        self._old = 0
        self._pause = pause
        self._batch = batch

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._follow())
        return self

    async def __aexit__(self, *_: object) -> None:
        await cancel_and_wait(self._task)
        await self.aclose()

    async def aclose(self) -> None:
        """Close the index, once what is being written is written."""
        if self._index is not None:
            await self._in_thread(self._index.close)
        self._thread.shutdown()

    def failed(self, error: sqlite3.Error) -> None:
        """Note that the index could not be used; a damaged one is made anew in the next turn."""
        if sqlite_cache.damaged(error):
            self.ready = False
            self._damaged = True

    async def catch_up(self) -> None:
        """Bring the index to where the store is now, and tidy it a little."""
        index = await self._usable()
        identity, latest = await self._origin.read()
        if identity != self._identity or latest < self._position:
            await self._begin(index, identity, latest)
        if self._walking or latest > self._position:
            while await self._step(index):
                pass
            # Not where the last step ended: the last changes may be deletions that are forgotten.
            self._position = latest
        if self._walking:
            await self._in_thread(index.complete, identity)
            self._walking, self.ready = False, True
        await self._in_thread(index.tidy)

    async def _usable(self) -> Index:
        if self._index is None:
            self._index = await self._in_thread(Index, self._path)
        elif self._damaged:
            await self._in_thread(self._index.clear)
            self._identity = None
        self._damaged = False
        return self._index

    async def _begin(self, index: Index, identity: StoreIdentity, latest: int) -> None:
        """Walk through all tasks again, in an empty index if there is another store now."""
        known = await self._in_thread(index.identity)
        self.ready = known.store == identity.store
        if known.store not in {"", identity.store}:
            await self._in_thread(index.clear)
        self._believed = known == identity
        self._old = (await self._in_thread(index.latest)) if self.ready else latest
        self._identity, self._walking, self._position = identity, True, 0

    async def _step(self, index: Index) -> bool:
        """Compare the next tasks; whether there are more."""
        after = self._position
        since = 0 if self._walking else after
        changed = await self._store.changed_after(after, self._batch, since=since)
        more = len(changed) == self._batch
        numbers = dict(changed)
        upto = changed[-1][1] if more else None
        shown = await self._in_thread(index.shown, after, upto)
        ids = [
            task_id
            for task_id in {**numbers, **shown}
            if not self._believed or shown.get(task_id, _NOTHING).number != numbers.get(task_id)
        ]
        # A store that was set back may lack very many of those that are shown.
        for start in range(0, len(ids), RECORDS):
            await self._compare(index, ids[start : start + RECORDS], numbers, shown)
        self._position = changed[-1][1] if changed else after
        return more

    async def _compare(
        self,
        index: Index,
        ids: Sequence[str],
        numbers: Mapping[str, int],
        shown: Mapping[str, Shown],
    ) -> None:
        """Forget what is gone and take what is shown otherwise than it is.

        What has another number than these is met when its own comes.
        """
        tasks = await self._store.tasks(ids)
        await self._forget(index, [i for i, task in zip(ids, tasks, strict=True) if task is None])
        here = [(task, numbers[task.id]) for task in tasks if task and task.id in numbers]
        changed = [(task, n) for task, n in here if shown.get(task.id) != Shown.of(task, n)]
        await self._take(index, changed)

    async def _forget(self, index: Index, ids: Sequence[str]) -> None:
        if ids:
            await self._in_thread(index.forget, ids)
            await self._audience.gone(ids)

    async def _take(self, index: Index, changed: Sequence[tuple[Task, int]]) -> None:
        for some in _groups(changed):
            texts = await self._store.load_texts([task.id for task, _ in some])
            await self._in_thread(_write, index, some, texts)
            for task, number in some:
                if task.is_terminal and number > self._old:
                    self._audience.ended(task.id)

    async def _follow(self) -> None:
        pause = self._pause
        while True:
            try:
                await self.catch_up()
                pause = self._pause
            except EventsTrimmed:
                self._identity = None
            except Exception as error:  # noqa: BLE001 -- whatever it is, it must not end the search
                pause = self._hindered(error, pause)
            await asyncio.sleep(pause)

    def _hindered(self, error: Exception, pause: float) -> float:
        """Say so, once; the next pause."""
        if isinstance(error, sqlite3.Error):
            self.failed(error)
        if pause == self._pause:
            known = isinstance(error, (RedisError, OSError, sqlite3.Error))
            log.warning(
                "the search index waits", reason=repr(error), exc_info=None if known else error
            )
        return min(pause * 2, LONGEST_PAUSE)

    async def _in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)


_NOTHING = Shown(0, "")


def _groups(changed: Sequence[tuple[Task, int]]) -> Iterator[Sequence[tuple[Task, int]]]:
    """As many at a time as may be held."""
    ended = [each for each in changed if each[0].is_terminal]
    asked = [each for each in changed if not each[0].is_terminal]
    for some, most in ((asked, QUESTIONS), (ended, TEXTS)):
        for start in range(0, len(some), most):
            yield some[start : start + most]


def _write(
    index: Index,
    changed: Sequence[tuple[Task, int]],
    texts: Sequence[tuple[bytes | None, bytes | None]],
) -> None:
    """A transaction for all of them; what has no conversation is gone by now."""
    index.write(
        read(task, number, conversation, body)
        for (task, number), (conversation, body) in zip(changed, texts, strict=True)
        if conversation is not None
    )
