"""Answers searches with pages of tasks, each in its present state."""

import asyncio
import sqlite3
from pathlib import Path

from services.api.auth.concurrency_limit import ConcurrencyLimiter
from services.api.problems.errors import InvalidRequest, SearchIndexNotReady
from services.api.search.index import MAX_QUERY_S, QueryTooSlow, find
from services.api.search.indexer import Indexer
from services.api.search.query import expression
from shared.domain.states import Status
from shared.store import Page, Reader

_QUERIES = 2
"""At a time; one owner has at most one."""


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
        if not self._follower.ready:
            raise SearchIndexNotReady
        try:
            async with self._slots.slot(owner):
                found = await asyncio.to_thread(find, self._path, wanted, cursor, limit + 1, lowest)
        except QueryTooSlow:
            message = f"This search took over {MAX_QUERY_S:g} s. Write words in full, without *."
            raise InvalidRequest([("q", message)]) from None
        except sqlite3.Error as error:
            if self._follower.ready:
                self._follower.failed(error)
            raise SearchIndexNotReady from error
        shown = found[:limit]
        tasks = await self._store.tasks([task_id for _, task_id in shown])
        # The index may lag, and no error in it may show a task to another owner.
        fitting = [
            task
            for task in tasks
            if task and status in {None, task.status} and owner in {None, task.owner}
        ]
        return Page(fitting, shown[-1][0] if len(found) > limit else None)
