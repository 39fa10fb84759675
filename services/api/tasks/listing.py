"""Lists tasks from the store's indexes or, with a query, from the search index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.api.search.service import Search, fits
from services.api.search.snippets import Snippet
from shared.domain.states import Status
from shared.domain.task import Task
from shared.store import Page, Rank, Reader

MAX_COMPARED = 1_000
"""Tasks that are read to sort them; more would take longer than a list may."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The tasks that one request asks for, of sequence numbers from ``lowest`` to under ``below``.

    Raises InvalidRequest for a query, and SearchIndexNotReady.
    """

    store: Reader
    search: Search
    query: str | None
    status: Status | None
    owner: str | None
    lowest: int
    below: int | None
    pinned: bool

    async def page(self, cursor: int | None, limit: int) -> Page:
        """Return a page, newest first."""
        known = [each for each in (cursor, self.below) if each is not None]
        bounds = self._bounds | {"cursor": min(known, default=None), "limit": limit}
        if self.query is None:
            return await self.store.page(**bounds, pinned=self.pinned)
        return await self.search.page(self.query, **bounds)

    async def highest(self, rank: Rank, limit: int) -> tuple[Page, int]:
        """Return one page of the highest, and how many of the newest tasks were compared."""
        bounds = self._bounds | {"limit": MAX_COMPARED}
        if self.query is None:
            ids = await self.store.ids(**bounds, pinned=self.pinned)
        else:
            ids = await self.search.ids(self.query, **bounds)
        tasks = await self.store.top(ids, rank, limit)
        return Page([each for each in tasks if fits(each, self.status, self.owner)], None), len(ids)

    async def count(self) -> int:
        """Return how many tasks match; a query counts up to MAX_COUNT."""
        if self.query is None:
            return await self.store.count(**self._bounds, pinned=self.pinned)
        return await self.search.count(self.query, **self._bounds)

    async def snippets(self, tasks: Sequence[Task]) -> Mapping[str, Snippet]:
        """Return by task id why the query found it; without a query nothing."""
        if self.query is None:
            return {}
        return await self.search.snippets(self.query, tasks, self.owner)

    @property
    def _bounds(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "owner": self.owner,
            "lowest": self.lowest,
            "cursor": self.below,
        }
