"""Answers searches with pages of tasks, each in its present state."""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from services.api.auth.concurrency_limit import ConcurrencyLimiter
from services.api.problems.errors import InvalidRequest, SearchIndexNotReady
from services.api.search.index import MAX_QUERY_S, QueryTooSlow, count, find, heads
from services.api.search.indexer import Indexer
from services.api.search.query import expression, parse_terms
from services.api.search.snippets import Highlighter, Snippet
from shared.domain.states import Status
from shared.domain.task import Task
from shared.store import Page, Reader

_QUERIES = 2
"""At a time; one owner has at most one."""

MAX_COUNT = 1_001
"""Found tasks are counted up to here: it stands for more than 1,000."""

Found = TypeVar("Found")


def fits(task: Task, status: Status | None, owner: str | None) -> bool:
    """Return whether the task, as the store has it now, is one that was asked for."""
    return status in {None, task.status} and owner in {None, task.owner}


class Search:
    """Searches the index that ``indexer`` writes."""

    def __init__(self, path: Path, store: Reader, indexer: Indexer) -> None:
        self._path = path
        self._store = store
        self._follower = indexer
        self._slots = ConcurrencyLimiter(per_owner=1, total=_QUERIES)

    async def page(
        self,
        query: str,
        *,
        status: Status | None,
        cursor: int | None,
        limit: int,
        owner: str | None,
        lowest: int = 0,
    ) -> Page:
        """Return tasks with all words of ``query``, newest first, as ``Reader.page`` does.

        Changes of the last second may not be found yet. Raises InvalidRequest, also
        for a query that takes too long, and SearchIndexNotReady until all tasks are indexed.
        """
        wanted = expression(query, status, owner)
        found = await self._read(owner, lambda: find(self._path, wanted, cursor, limit + 1, lowest))
        shown = found[:limit]
        tasks = await self._store.tasks([task_id for _, task_id in shown])
        # The index may lag, and no error in it may show a task to another owner.
        fitting = [task for task in tasks if task and fits(task, status, owner)]
        return Page(fitting, shown[-1][0] if len(found) > limit else None)

    async def ids(
        self,
        query: str,
        *,
        status: Status | None,
        cursor: int | None,
        limit: int,
        owner: str | None,
        lowest: int = 0,
    ) -> Sequence[str]:
        """Return the ids of the newest tasks with all words. Raises as ``page`` does."""
        wanted = expression(query, status, owner)
        found = await self._read(owner, lambda: find(self._path, wanted, cursor, limit, lowest))
        return [task_id for _, task_id in found]

    async def count(
        self,
        query: str,
        *,
        status: Status | None,
        cursor: int | None,
        owner: str | None,
        lowest: int = 0,
    ) -> int:
        """Return how many tasks have all words, at most MAX_COUNT. Raises as ``page`` does."""
        wanted = expression(query, status, owner)
        return await self._read(owner, lambda: count(self._path, wanted, cursor, MAX_COUNT, lowest))

    async def snippets(
        self, query: str, tasks: Sequence[Task], owner: str | None
    ) -> Mapping[str, Snippet]:
        """Return by task id why it was found; tasks whose texts show no word are left out."""

        def read() -> Mapping[str, Snippet]:
            highlighter = Highlighter(parse_terms(query))
            texts = heads(self._path, [task.id for task in tasks])
            found = {task_id: highlighter.snippet(*each) for task_id, each in texts.items()}
            return {task_id: snippet for task_id, snippet in found.items() if snippet}

        return await self._read(owner, read)

    async def _read(self, owner: str | None, work: Callable[[], Found]) -> Found:
        if not self._follower.ready:
            raise SearchIndexNotReady
        try:
            async with self._slots.slot(owner):
                return await asyncio.to_thread(work)
        except QueryTooSlow:
            message = f"This search took over {MAX_QUERY_S:g} s. Write words in full, without *."
            raise InvalidRequest([("q", message)]) from None
        except sqlite3.Error as error:
            if self._follower.ready:
                self._follower.failed(error)
            raise SearchIndexNotReady from error
