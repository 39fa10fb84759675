"""The pollers of one provider among themselves: who is alive, and whose turn it is to sweep."""

from collections.abc import Sequence

from redis.asyncio import Redis

from shared.store import clock, keys

FORGET = 3_600_000
"""Milliseconds for which a poller that fell silent is remembered: meet.lua waits for it."""


class Fleet:
    """The pollers that serve one provider, on the store's clock."""

    def __init__(self, redis: Redis, provider: str) -> None:
        self._redis = redis
        self._pollers = keys.pollers(provider)
        self._turn = keys.sweep_turn(provider)

    async def beat(self, poller: str, life: int) -> int:
        """Say that a poller is alive for ``life`` milliseconds; returns the store's time."""
        now = await clock.now(self._redis)
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.zadd(self._pollers, {poller: now + life})
            pipe.zremrangebyscore(self._pollers, "-inf", now - FORGET)
            await pipe.execute()
        return now

    async def leave(self, poller: str) -> None:
        """Say that a poller has stopped."""
        await self._redis.zrem(self._pollers, poller)

    async def alive(self) -> Sequence[str]:
        """The names of the pollers that are alive."""
        now = await clock.now(self._redis)
        names = await self._redis.zrangebyscore(self._pollers, f"({now}", "+inf")
        return [name.decode() for name in names]

    async def may_sweep(self, life: int) -> bool:
        """Whether the caller is the one that sweeps in the next ``life`` milliseconds."""
        return bool(await self._redis.set(self._turn, 1, nx=True, px=life))
