"""Everything that a store holds, for claims that nothing was written."""

from typing import Any

from redis.asyncio import Redis


async def contents(redis: Redis) -> dict[bytes, Any]:
    """Every key with its value, whatever its type."""
    read = {
        b"string": redis.get,
        b"hash": redis.hgetall,
        b"stream": redis.xrange,
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
    }
    return {key: await read[await redis.type(key)](key) for key in await redis.keys()}
