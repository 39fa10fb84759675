"""The front door of the search: pages of tasks, each as the store has it now."""

import asyncio
import sqlite3
from pathlib import Path

from services.api.problems.errors import SearchIndexNotReady
from services.api.search.index import find
from services.api.search.indexer import Follower
from services.api.search.query import expression
from shared.domain.states import Status
from shared.store import Page, Reader


class Search:
    """Searches the index that ``follower`` writes."""

    def __init__(self, path: Path, store: Reader, follower: Follower) -> None:
        self._path = path
        self._store = store
        self._follower = follower

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
        """Tasks with all the words of ``query``, newest first, as ``Reader.page`` lists them.

        What changed within the last second may not be found yet; what is found is as it is now.
        Raises InvalidRequest, and SearchIndexNotReady before all tasks have been read once.
        """
        wanted = expression(query, status, owner)
        if not self._follower.ready:
            raise SearchIndexNotReady
        try:
            found = await asyncio.to_thread(find, self._path, wanted, cursor, limit + 1, lowest)
        except sqlite3.Error as error:
            if self._follower.ready:
                self._follower.failed(error)
            raise SearchIndexNotReady from error
        shown = found[:limit]
        tasks = await self._store.tasks([task_id for _, task_id in shown])
        # The index may lag, and no fault of it may show anybody another's task.
        fitting = [
            task
            for task in tasks
            if task and status in {None, task.status} and owner in {None, task.owner}
        ]
        return Page(fitting, shown[-1][0] if len(found) > limit else None)
