"""How the store itself is doing: how full it is, and how long due jobs have waited in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ResponseError

from shared.queue import queue_name
from shared.store import clock


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes; ``maximum`` is where the server refuses writes, None where it never does."""

    used: int
    maximum: int | None

    @classmethod
    def read(cls, info: Mapping[str, Any]) -> "Memory":
        """From INFO memory; what a server does not count against its maximum is left out."""
        used = int(info["used_memory"]) - int(info.get("mem_not_counted_for_evict", 0))
        return cls(used, int(info.get("maxmemory", 0)) or None)


@dataclass(frozen=True, slots=True)
class StoreStats:
    """``due`` jobs have not been finished, the oldest of them for ``lag`` ms.

    ``memory`` is None where the server keeps it to itself.
    """

    memory: Memory | None
    due: int
    lag: int


async def read_stats(redis: Redis, provider: str) -> StoreStats:
    """Those of the store and of one provider's queue. Raises redis-py's errors."""
    now = await clock.now(redis)
    async with redis.pipeline(transaction=False) as pipe:
        pipe.zcount(queue_name(provider), "-inf", now)
        pipe.zrange(queue_name(provider), 0, 0, withscores=True)
        due, first = await pipe.execute()
    lag = max(now - int(first[0][1]), 0) if first else 0
    return StoreStats(await _memory(redis), due, lag)


async def _memory(redis: Redis) -> Memory | None:
    try:
        return Memory.read(await redis.info("memory"))
    except ResponseError:  # managed stores may forbid the question
        return None
