"""Reads the store's events once for all clients of this process, and keeps the latest at hand."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

import structlog
from redis.exceptions import RedisError
from starlette.types import Receive

from services.api.events import sse
from services.api.events.cursors import Numbers, Plain
from services.api.problems.errors import TooManySubscribers
from shared.domain.errors import EventsTrimmed
from shared.domain.task import Task
from shared.runtime.cancellation import cancel_and_wait
from shared.store import Event, Events, Reader

RECENT = 1_000
"""Events that are kept at hand; who is further behind is given them from the store."""

BATCH = 100
"""Events that a client is given at a time."""

BLOCK = 1_000
"""Milliseconds that the reader waits in the store for news; its connection allows more."""

AT_ONCE = 4
"""Clients that read the store at a time: after a restart a thousand may come back together."""

PAUSE = 0.5
"""Seconds before the store is tried again."""

REST = 0.1
"""Seconds before it is asked for more while nobody waits: one read then tells of many changes."""

AWAY = (RedisError, OSError)

DELETED = "deleted"
"""What the store calls the state of a task that is gone."""

log = structlog.get_logger("services.api")


@dataclass(frozen=True, slots=True)
class News:
    """An event, and the bytes that tell every client of it; none if the task is gone since."""

    event: Event
    frame: bytes


@dataclass(eq=False, slots=True)
class Place:
    """How far one client has come; ``lost`` once the number no longer means what it meant."""

    number: int
    lost: bool = False
    left: bool = False
    stir: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self, receive: Receive) -> None:
        """Mark the place as left when the client is gone."""
        while (await receive())["type"] != "http.disconnect":
            pass
        self.left = True
        self.stir.set()


class Hub:
    """The events as this process sees them; it reads within ``async with``.

    A client is nothing but a place in them, so a slow one costs no more than a quick one. ``now``
    is the store's clock in ms, ``limit`` bounds the clients, ``heartbeat`` is in seconds, and
    ``numbers`` are how a place is told to a client.
    """

    def __init__(
        self,
        events: Events,
        store: Reader,
        now: Callable[[], Awaitable[int]],
        *,
        limit: int,
        heartbeat: float = 15,
        numbers: Numbers | None = None,
    ) -> None:
        self.numbers = numbers or Plain()
        self.heartbeat = heartbeat
        self.position = 0
        self.closing = False
        self._events = events
        self._store = store
        self._now = now
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._limit = limit
        self._recent: deque[News] = deque(maxlen=RECENT)
        self._last: Event | None = None
        self._places: set[Place] = set()

    async def __aenter__(self) -> Self:
        self.position = await self._events.latest()
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        await cancel_and_wait(self._reader)

    @property
    def clients(self) -> int:
        """How many places are taken."""
        return len(self._places)

    def close(self) -> None:
        """Have every client leave, and those that still come leave at once."""
        self.closing = True
        self._announce()

    @asynccontextmanager
    async def seat(self, receive: Receive) -> AsyncIterator[Place]:
        """A place at the latest event, while a client stays. Raises TooManySubscribers."""
        if self.clients >= self._limit:
            raise TooManySubscribers(self._limit)
        place = Place(self.position)
        self._places.add(place)
        watch = asyncio.create_task(place.watch(receive))
        try:
            yield place
        finally:
            watch.cancel()
            self._places.discard(place)

    async def now(self) -> int:
        """The store's time in ms. Raises redis-py's errors."""
        async with self._turns:
            return await self._now()

    async def latest(self) -> int:
        """The number of the last event, of which this process may not know yet."""
        async with self._turns:
            return await self._events.latest()

    async def after(self, place: Place) -> Sequence[News]:
        """Wait for what comes after the place, and move it there.

        Nothing comes once the client has left or the hub closes. Raises EventsTrimmed where it
        cannot be told what comes, and redis-py's errors.
        """
        while not (place.left or self.closing):
            place.stir.clear()
            if place.lost:
                raise EventsTrimmed(place.number)
            if news := await self._since(place.number):
                place.number = news[-1].event.number
                return news
            await place.stir.wait()
        return ()

    async def _since(self, number: int) -> Sequence[News]:
        behind = self.position - number
        if 0 <= behind <= len(self._recent):
            return [self._recent[-back] for back in range(behind, max(behind - BATCH, 0), -1)]
        # Before what is at hand; or after it, where another replica was quicker than this one.
        async with self._turns:
            return await self._told(await self._events.after(number, BATCH))

    async def _read(self) -> None:
        """Follow the events for ever: an outage only delays them."""
        step = self._follow
        while True:
            try:
                await step()
                step = self._follow
            except EventsTrimmed:
                log.warning("events were missed, so every client is told to read anew")
                step = self._start_anew
            except AWAY as error:
                if step == self._follow:
                    log.warning("events wait for the store", error=type(error).__name__)
                    step = self._recognise
                await asyncio.sleep(PAUSE)
            except Exception:  # a reader that ended would leave its clients waiting in silence
                log.exception("an event could not be read, so every client is told to read anew")
                step = self._start_anew
                await asyncio.sleep(PAUSE)

    async def _follow(self) -> None:
        events = await self._events.wait(self.position, BLOCK)
        if not events:
            return
        if self._places:
            self._recent.extend(await self._told(events))
        else:  # a task is loaded for somebody; who comes back later is given it from the store
            self._recent.clear()
        self._last = events[-1]
        self.position = self._last.number
        self._announce()
        if not self._places:
            await asyncio.sleep(REST)

    async def _recognise(self) -> None:
        """A store that was set back during an outage has other events by the same numbers."""
        if self._last:
            (last,) = await self._events.after(self.position - 1, 1)
            if last != self._last:
                raise EventsTrimmed(self.position)

    async def _start_anew(self) -> None:
        self.position = await self._events.latest()
        self._recent.clear()
        self._last = None
        for place in self._places:
            place.lost = True
        self._announce()

    async def _told(self, events: Sequence[Event]) -> list[News]:
        """Load each task once, as it is now: that may be newer than an event tells."""
        ids = sorted({event.task_id for event in events})
        tasks = dict(zip(ids, await self._store.tasks(ids), strict=True))
        return [News(event, self._frame(event, tasks[event.task_id])) for event in events]

    def _frame(self, event: Event, task: Task | None) -> bytes:
        number = self.numbers.show(event.number)
        if event.status == DELETED:
            return sse.deleted(number, event.task_id)
        # Gone already: the event that says so is still to come.
        return b"" if task is None else sse.task(number, task)

    def _announce(self) -> None:
        for place in self._places:
            place.stir.set()
