"""The key under which all replicas of the API encrypt cursors."""

import secrets

from redis.asyncio import Redis

from shared.store import keys


async def cursor_key(redis: Redis) -> bytes:
    """32 random bytes, created by the first replica that asks."""
    await redis.set(keys.CURSOR_KEY, secrets.token_bytes(32), nx=True)
    key: bytes = await redis.get(keys.CURSOR_KEY)
    return key
