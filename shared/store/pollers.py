"""The pollers of one provider among themselves: who is alive, and whose turn it is to sweep."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

import orjson
from redis.asyncio import Redis

from shared.domain.model_shutdown import ModelShutdown
from shared.domain.provider_health import ProviderHealth
from shared.openai.model import ACTIVE
from shared.store import clock, keys

FORGET_AFTER_MS = 3_600_000
"""Milliseconds for which a silent poller is remembered (compare_epoch.lua waits for it)."""

HEALTH_TTL_MS = 30_000
"""Milliseconds for which what a poller told of the provider is worth reading."""


@dataclass(frozen=True, slots=True)
class Beat:
    """What a poller learns when it says that it is alive."""

    now: int
    """The store's time in ms."""
    alive: int
    """How many pollers are, itself among them."""


class PollerRegistry:
    """The pollers that serve one provider, on the store's clock."""

    def __init__(self, redis: Redis, provider: str) -> None:
        self._redis = redis
        self._provider = provider
        self._pollers = keys.pollers(provider)
        self._turn = keys.sweep_lease(provider)

    async def beat(self, poller: str, life: int) -> Beat:
        """Say that a poller is alive for ``life`` milliseconds."""
        now = await clock.now(self._redis)
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.zadd(self._pollers, {poller: now + life})
            pipe.zremrangebyscore(self._pollers, "-inf", now - FORGET_AFTER_MS)
            pipe.zcount(self._pollers, f"({now}", "+inf")
            *_, alive = await pipe.execute()
        return Beat(now, alive)

    async def leave(self, poller: str) -> None:
        """Say that a poller has stopped."""
        await self._redis.zrem(self._pollers, poller)

    async def alive(self) -> Sequence[str]:
        """The names of the pollers that are alive."""
        now = await clock.now(self._redis)
        names = await self._redis.zrangebyscore(self._pollers, f"({now}", "+inf")
        return [name.decode() for name in names]

    async def publish_health(self, poller: str, standing: ProviderHealth) -> None:
        """Say how a poller's latest calls to the provider went."""
        key = keys.provider_health(self._provider, poller)
        await self._redis.set(key, orjson.dumps(asdict(standing)), px=HEALTH_TTL_MS)

    async def provider_health(self) -> Sequence[ProviderHealth]:
        """What the pollers that are alive told of the provider lately."""
        names = [keys.provider_health(self._provider, name) for name in await self.alive()]
        told = await self._redis.mget(names) if names else []
        return [ProviderHealth(**orjson.loads(each)) for each in told if each is not None]

    async def publish_model_shutdown(self, day: date | None) -> None:
        """Say when the provider will end the active model, by its own word; None: it says none."""
        key = keys.model_shutdown(self._provider)
        if day is None:
            await self._redis.hdel(key, ACTIVE.name)
        else:
            await self._redis.hset(key, ACTIVE.name, day.isoformat())

    async def model_shutdown(self) -> ModelShutdown | None:
        """The announced end of the active model: the provider's word, else the profile's.

        The profile's is OpenAI's, so the simulator ends no model unless it announces that.
        """
        told = await self._redis.hget(keys.model_shutdown(self._provider), ACTIVE.name)
        profiles = None if self._provider == "simulator" else ACTIVE.shutdown
        day = date.fromisoformat(told.decode()) if told else profiles
        if day is None:
            return None
        today = datetime.fromtimestamp(await clock.now(self._redis) / 1000, UTC).date()
        return ModelShutdown(ACTIVE.name, day, (day - today).days)

    async def acquire_sweep_lease(self, life: int) -> bool:
        """Whether the caller is the one that sweeps in the next ``life`` milliseconds."""
        return bool(await self._redis.set(self._turn, 1, nx=True, px=life))
