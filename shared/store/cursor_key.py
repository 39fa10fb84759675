"""The key by which all replicas of the API seal what only they are to read."""

import secrets

from redis.asyncio import Redis

from shared.store import keys


async def cursor_key(redis: Redis) -> bytes:
    """32 random bytes, made by whoever asks first."""
    await redis.set(keys.CURSOR_KEY, secrets.token_bytes(32), nx=True)
    key: bytes = await redis.get(keys.CURSOR_KEY)
    return key
