"""How far each channel for messages to people has got, so that a poller can go on."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass

import orjson
from redis.asyncio import Redis

from shared.store import clock, keys

CHANNELS_TTL_MS = 60_000
"""Milliseconds for which the channels that a poller has published are shown."""

PROGRESS_TTL_MS = 40 * 86_400_000
"""Milliseconds after which a channel that is no longer set is forgotten."""


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """A channel as the page may show it: ``service`` is the beginning of its secret address."""

    name: str
    service: str
    events: list[str]
    owners: list[str] | None


@dataclass(frozen=True, slots=True)
class ChannelProgress:
    """Up to which change a channel has its messages (None: none), and how it goes. Times in ms.

    ``attempts`` have failed since the last success; ``problem`` is the last one's reason in a word.
    """

    cursor: int | None = None
    attempts: int = 0
    retry_at: int = 0
    failing_since: int | None = None
    problem: str | None = None
    last_sent_at: int | None = None


class NotificationState:
    """The channels of one provider's pollers. Raises redis-py's errors."""

    def __init__(self, redis: Redis, provider: str) -> None:
        self._redis = redis
        self._provider = provider

    async def now(self) -> int:
        """The store's time in ms."""
        return await clock.now(self._redis)

    async def publish(self, channels: Sequence[ChannelInfo]) -> None:
        """Show these channels, and no others, for a minute."""
        body = orjson.dumps([asdict(channel) for channel in channels])
        await self._redis.set(keys.notification_channels(self._provider), body, px=CHANNELS_TTL_MS)

    async def channels(self) -> Sequence[ChannelInfo]:
        """The channels that a running poller has."""
        found = await self._redis.get(keys.notification_channels(self._provider))
        return [ChannelInfo(**each) for each in orjson.loads(found or b"[]")]

    async def acquire(self, channel: str, poller: str, life: int) -> bool:
        """Whether this poller is the one that serves the channel, for ``life`` milliseconds."""
        key = keys.notification_lease(self._provider, channel)
        return bool(await self._redis.set(key, poller, nx=True, px=life))

    async def release(self, channel: str, poller: str, pause: int) -> None:
        """Let another poller serve the channel in ``pause`` ms, unless the lease is another's."""
        key = keys.notification_lease(self._provider, channel)
        if await self._redis.get(key) == poller.encode():
            await self._redis.pexpire(key, pause)

    async def progress(self, channel: str) -> ChannelProgress:
        """How far the channel has got."""
        fields = await self._redis.hgetall(keys.notification_progress(self._provider, channel))
        return _progress({name.decode(): value.decode() for name, value in fields.items()})

    async def save(
        self, channel: str, progress: ChannelProgress, told: Mapping[str, int] | None = None
    ) -> None:
        """Keep the progress and the keys of what was sent (``told``), each until a time in ms."""
        key = keys.notification_progress(self._provider, channel)
        now = await self.now()
        values = {name: value for name, value in asdict(progress).items() if value is not None}
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(key)
            pipe.hset(key, mapping=values)
            pipe.pexpire(key, PROGRESS_TTL_MS)
            if told:
                memory = keys.notification_told(self._provider, channel)
                pipe.zadd(memory, dict(told))
                pipe.zremrangebyscore(memory, "-inf", now)
                pipe.pexpire(memory, PROGRESS_TTL_MS)
            await pipe.execute()

    async def told(self, channel: str, names: Sequence[str]) -> set[str]:
        """Which of these the channel has got."""
        if not names:
            return set()
        memory = keys.notification_told(self._provider, channel)
        async with self._redis.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.zscore(memory, name)
            scores = await pipe.execute()
        return {name for name, score in zip(names, scores, strict=True) if score is not None}

    async def latest_change(self) -> int:
        """The number of the last change of any task."""
        return int(await self._redis.get(keys.CHANGE_COUNTER) or 0)


def _progress(fields: Mapping[str, str]) -> ChannelProgress:
    numbers = {}
    for name in ("cursor", "attempts", "retry_at", "failing_since", "last_sent_at"):
        with suppress(KeyError):
            numbers[name] = int(fields[name])
    return ChannelProgress(problem=fields.get("problem"), **numbers)
