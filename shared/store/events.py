"""The news of every change that a reader can see, numbered without gaps, the latest 10,000 kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from redis.asyncio import Redis

from shared.domain.errors import EventsTrimmed
from shared.store import keys


@dataclass(frozen=True, slots=True)
class Event:
    """One change: ``status`` is the task's new one, or ``deleted``; ``version`` is the task's."""

    number: int
    task_id: str
    status: str
    version: int
    owner: str | None

    @classmethod
    def read(cls, entry: tuple[bytes, dict[bytes, bytes]]) -> Self:
        """From an entry of the stream."""
        number, fields = entry
        return cls(
            number=int(number.partition(b"-")[0]),
            task_id=fields[b"task"].decode(),
            status=fields[b"status"].decode(),
            version=int(fields[b"version"]),
            owner=fields[b"owner"].decode() or None,
        )


class Events:
    """The stream of changes, for readers that remember the number of the last one they saw."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def latest(self) -> int:
        """The number of the last change; 0 before the first."""
        return int(await self._redis.get(keys.CHANGE_COUNTER) or 0)

    async def after(self, number: int, limit: int) -> Sequence[Event]:
        """Up to ``limit`` events after ``number``, in order.

        Raises EventsTrimmed where the next one is no longer kept, or the store never came so far.
        """
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.get(keys.CHANGE_COUNTER)
            pipe.xrange(keys.EVENTS, min=f"({number}", count=limit)
            latest, entries = await pipe.execute()
        return _consecutive(number, int(latest or 0), entries)

    async def wait(self, number: int, block: int) -> Sequence[Event]:
        """As ``after``, but waits up to ``block`` milliseconds for the first of them.

        The connection's own timeout must be longer.
        """
        entries = await self._redis.xread({keys.EVENTS: f"{number}-0"}, count=1_000, block=block)
        if not entries:
            return await self.after(number, 1)
        return _consecutive(number, None, entries[0][1])


def _consecutive(number: int, latest: int | None, entries: Any) -> Sequence[Event]:  # noqa: ANN401 -- redis-py's own
    events = [Event.read(entry) for entry in entries]
    missed = events[0].number != number + 1 if events else latest != number
    if missed:
        raise EventsTrimmed(number)
    return events
