"""Limits how much runs at once, so that one owner cannot take what all share."""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self


class ConcurrencyLimiter:
    """Runs at most ``total`` at once, and ``per_owner`` of one owner; the owners take turns.

    ``total`` None is no limit for all together.
    """

    def __init__(self, *, per_owner: int, total: int | None = None) -> None:
        self._total = total
        self._per_owner = per_owner
        self._running = Counter[str | None]()
        # In the order of their turns.
        self._waiting: dict[str | None, deque[asyncio.Future[None]]] = {}

    def slot(self, owner: str | None) -> "Slot":
        """A slot to hold within ``async with``."""
        return Slot(self, owner)

    async def acquire(self, owner: str | None) -> None:
        """Wait for a slot."""
        if self._has_room(owner) and owner not in self._waiting:
            self._running[owner] += 1
            return
        granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(owner, deque()).append(granted)
        try:
            await granted
        except asyncio.CancelledError:
            if granted.done() and not granted.cancelled():
                self.release(owner)
            raise

    def release(self, owner: str | None) -> None:
        """Give a slot back; the next in turn gets it."""
        self._running[owner] -= 1
        if not self._running[owner]:
            del self._running[owner]
        self._grant()

    def _has_room(self, owner: str | None) -> bool:
        full = self._total is not None and self._running.total() >= self._total
        return not full and self._running[owner] < self._per_owner

    def _grant(self) -> None:
        for owner in list(self._waiting):
            waiting = self._waiting[owner]
            while waiting and waiting[0].done():  # its caller was cancelled
                waiting.popleft()
            if waiting and not self._has_room(owner):
                continue
            del self._waiting[owner]
            if waiting:
                self._running[owner] += 1
                waiting.popleft().set_result(None)
            if waiting:
                self._waiting[owner] = waiting  # behind the others


class Slot:
    """A slot of one owner within ``async with``, which waits for it.

    Without a limiter there is nothing to wait for.
    """

    def __init__(self, limiter: ConcurrencyLimiter | None = None, owner: str | None = None) -> None:
        self._limiter = limiter
        self._owner = owner
        self._held = False

    async def __aenter__(self) -> Self:
        await self.acquire()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.give_back()

    async def acquire(self) -> None:
        """Wait for it, if it is not held."""
        if self._limiter is not None and not self._held:
            await self._limiter.acquire(self._owner)
            self._held = True

    def give_back(self) -> None:
        """End holding it, for work that only waits."""
        if self._limiter is not None and self._held:
            self._held = False
            self._limiter.release(self._owner)

    @asynccontextmanager
    async def given_back(self) -> AsyncIterator[None]:
        """Leave it to others within ``async with``, and wait for it again at the end."""
        self.give_back()
        try:
            yield
        except asyncio.CancelledError:
            raise
        except BaseException:
            await self.acquire()
            raise
        await self.acquire()
