"""The key by which all replicas of the API seal what only they are to read."""

import secrets

from redis.asyncio import Redis

from shared.store import keys


async def sealing_key(redis: Redis) -> bytes:
    """32 random bytes, made by whoever asks first."""
    await redis.set(keys.SEAL, secrets.token_bytes(32), nx=True)
    key: bytes = await redis.get(keys.SEAL)
    return key
