"""Reads the store's events once for all clients of this process, and buffers the latest ones."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self

import structlog
from redis.exceptions import RedisError
from starlette.types import Receive

from services.api.events import sse
from services.api.events.cursors import CursorCodec, PlainCursors
from services.api.events.subscription import Subscription
from services.api.problems.errors import TooManySubscribers
from shared.domain.errors import EventsTrimmed
from shared.domain.task import Task
from shared.runtime.cancellation import cancel_and_wait
from shared.store import Event, Events, Reader

BUFFER_SIZE = 1_000
"""Events kept in memory; a client that is further behind is served from Redis."""

BATCH_SIZE = 100
"""Events sent to a client at a time."""

BLOCK_MS = 1_000
"""How long one blocking read waits; the connection's timeout must be longer."""

MAX_CONCURRENT_READS = 4
"""Clients that read Redis at a time: after a restart a thousand may reconnect together."""

RETRY_DELAY_S = 0.5
IDLE_INTERVAL_S = 0.1
"""Delay between two reads while no client is connected, so that one read covers many events."""

STORE_ERRORS = (RedisError, OSError)

DELETED = "deleted"
"""The status of an event whose task was deleted."""

log = structlog.get_logger("services.api")


@dataclass(frozen=True, slots=True)
class EncodedEvent:
    """An event and its SSE frame, which is empty if the task has been deleted since."""

    event: Event
    frame: bytes


class EventBroadcaster:
    """Follows the events within ``async with``.

    A client is only a position in the events, so a slow one costs no more than a fast one. ``now``
    is the store's clock in ms, ``limit`` the number of clients, ``heartbeat`` is in seconds.
    """

    def __init__(
        self,
        events: Events,
        store: Reader,
        now: Callable[[], Awaitable[int]],
        *,
        limit: int,
        heartbeat: float = 15,
        cursors: CursorCodec | None = None,
    ) -> None:
        self.cursors = cursors or PlainCursors()
        self.heartbeat = heartbeat
        self.position = 0
        self.closing = False
        self._events = events
        self._store = store
        self._now = now
        self._reads = asyncio.Semaphore(MAX_CONCURRENT_READS)
        self._limit = limit
        self._buffer: deque[EncodedEvent] = deque(maxlen=BUFFER_SIZE)
        self._last: Event | None = None
        self._subscriptions: set[Subscription] = set()

    async def __aenter__(self) -> Self:
        self.position = await self._events.latest()
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()
        await cancel_and_wait(self._reader)

    @property
    def clients(self) -> int:
        """The number of subscriptions."""
        return len(self._subscriptions)

    def close(self) -> None:
        """End every subscription; new ones end at once."""
        self.closing = True
        self._notify()

    @asynccontextmanager
    async def subscribe(
        self, receive: Receive, owner: str | None = None, share: int | None = None
    ) -> AsyncIterator[Subscription]:
        """Subscribe at the latest event while the client stays.

        Raises TooManySubscribers if there are as many as allowed, or ``share`` of the owner.
        """
        if share is not None and sum(one.owner == owner for one in self._subscriptions) >= share:
            raise TooManySubscribers(share, own=True)
        if self.clients >= self._limit:
            raise TooManySubscribers(self._limit)
        subscription = Subscription(self.position, owner)
        self._subscriptions.add(subscription)
        disconnect = asyncio.create_task(subscription.wait_for_disconnect(receive))
        try:
            yield subscription
        finally:
            disconnect.cancel()
            self._subscriptions.discard(subscription)

    async def now(self) -> int:
        """The store's time in ms. Raises redis-py's errors."""
        async with self._reads:
            return await self._now()

    async def latest(self) -> int:
        """The number of the last event in Redis, which this process may not have read yet."""
        async with self._reads:
            return await self._events.latest()

    async def after(self, subscription: Subscription) -> Sequence[EncodedEvent]:
        """Wait for the next events of the subscription and advance it past them.

        Returns nothing once the client has left or the broadcaster closes. Raises EventsTrimmed if
        events may have been missed, and redis-py's errors.
        """
        while not (subscription.left or self.closing):
            subscription.wakeup.clear()
            if subscription.lost:
                raise EventsTrimmed(subscription.number)
            if events := await self._since(subscription.number):
                subscription.number = events[-1].event.number
                return events
            await subscription.wakeup.wait()
        return ()

    async def _since(self, number: int) -> Sequence[EncodedEvent]:
        behind = self.position - number
        if 0 <= behind <= len(self._buffer):
            return [self._buffer[-back] for back in range(behind, max(behind - BATCH_SIZE, 0), -1)]
        # Older than the buffer, or newer than the position: another replica may be ahead of this.
        async with self._reads:
            return await self._encode(await self._events.after(number, BATCH_SIZE))

    async def _read(self) -> None:
        step = self._follow
        while True:
            try:
                await step()
                step = self._follow
            except EventsTrimmed:
                log.warning("events_missed", action="every client resyncs")
                step = self._reset
            except STORE_ERRORS as error:
                if step == self._follow:
                    log.warning("event_read_failed", error=type(error).__name__)
                    step = self._verify_position
                await asyncio.sleep(RETRY_DELAY_S)
            except Exception:  # a reader that ended would leave its clients waiting in silence
                log.exception("event_unreadable", action="every client resyncs")
                step = self._reset
                await asyncio.sleep(RETRY_DELAY_S)

    async def _follow(self) -> None:
        events = await self._events.wait(self.position, BLOCK_MS)
        if not events:
            return
        if self._subscriptions:
            self._buffer.extend(await self._encode(events))
        else:  # no client needs the tasks now; one that resumes later is served from Redis
            self._buffer.clear()
        self._last = events[-1]
        self.position = self._last.number
        self._notify()
        if not self._subscriptions:
            await asyncio.sleep(IDLE_INTERVAL_S)

    async def _verify_position(self) -> None:
        """After an outage: a rolled-back store has other events under the same cursors."""
        if self._last:
            (last,) = await self._events.after(self.position - 1, 1)
            if last != self._last:
                raise EventsTrimmed(self.position)

    async def _reset(self) -> None:
        self.position = await self._events.latest()
        self._buffer.clear()
        self._last = None
        for subscription in self._subscriptions:
            subscription.lost = True
        self._notify()

    async def _encode(self, events: Sequence[Event]) -> list[EncodedEvent]:
        """Load each task once, in its present state, which may be newer than the event's."""
        ids = sorted({event.task_id for event in events})
        tasks = dict(zip(ids, await self._store.tasks(ids), strict=True))
        return [EncodedEvent(event, self._frame(event, tasks[event.task_id])) for event in events]

    def _frame(self, event: Event, task: Task | None) -> bytes:
        cursor = self.cursors.encode(event.number)
        if event.status == DELETED:
            return sse.deleted(cursor, event.task_id)
        # Without a task: it is deleted already, and the event that says so is still to come.
        return b"" if task is None else sse.task(cursor, task)

    def _notify(self) -> None:
        for subscription in self._subscriptions:
            subscription.wakeup.set()
