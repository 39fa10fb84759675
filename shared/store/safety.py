"""Whether a store keeps what it acknowledges, decided from what its INFO says."""

from collections.abc import Mapping

from redis.asyncio import Redis

from shared.errors import StoreUnsafe

OLDEST = (7, 2)
"""WAITAOF came with Redis 7.2, and so with every Valkey."""


def problems(info: Mapping[str, object]) -> tuple[str, ...]:
    """What makes the store unsafe, each with the line to change; empty when it is safe."""
    found = []
    if info.get("cluster_enabled"):
        found.append(
            "it is a cluster, which arq cannot use: point REDIS_URL at a stand-alone server"
        )
    version = str(info.get("redis_version", "0"))
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        found.append(f"version {version} cannot confirm a write: use Valkey, or Redis 7.2 or later")
    if not info.get("aof_enabled"):
        found.append("it keeps no append-only file: set `appendonly yes`")
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        found.append(f"it evicts keys ({policy}): set `maxmemory-policy noeviction`")
    return tuple(found)


async def require_safe(redis: Redis, *, unsafe_accepted: bool) -> bool:
    """Whether writes can be confirmed. Raises StoreUnsafe unless the operator accepted that."""
    found = problems(await redis.info())
    if found and not unsafe_accepted:
        raise StoreUnsafe(found)
    return not found
