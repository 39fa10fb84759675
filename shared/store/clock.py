"""The store's clock is the only one that decides: no two machines agree on theirs."""

from redis.asyncio import Redis


def milliseconds(time: tuple[int, int]) -> int:
    """Milliseconds since the epoch from what the TIME command says (seconds, microseconds)."""
    return time[0] * 1000 + time[1] // 1000


async def now(redis: Redis) -> int:
    """The store's time in milliseconds since the epoch."""
    return milliseconds(await redis.time())
