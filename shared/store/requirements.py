"""Whether a store keeps what it acknowledges, decided from what it says of itself."""

from collections.abc import Mapping

import structlog
from redis.asyncio import Redis
from redis.exceptions import ResponseError

from shared.domain.errors import StoreUnsafe

OLDEST = (7, 2)
"""WAITAOF came with Redis 7.2, and so with every Valkey."""

log = structlog.get_logger("shared.store")


def problems(info: Mapping[str, object], appendfsync: str | None = None) -> tuple[str, ...]:
    """What makes the store unsafe, each with the line to change; empty when it is safe.

    ``info`` is its INFO; ``appendfsync`` is None where it keeps its settings to itself.
    """
    found = []
    if info.get("cluster_enabled"):
        found.append(
            "it is a cluster, which arq cannot use: point REDIS_URL at a stand-alone server"
        )
    if info.get("role", "master") != "master":
        found.append(
            "it is a replica: point REDIS_URL at the master, or at the Sentinels that know it"
            " (redis+sentinel://HOST:PORT,HOST:PORT/SERVICE/0)"
        )
    version = str(info.get("redis_version", "0"))
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        found.append(f"version {version} cannot confirm a write: use Valkey, or Redis 7.2 or later")
    if not info.get("aof_enabled"):
        found.append("it keeps no append-only file: set `appendonly yes`")
    if appendfsync == "no":
        found.append(
            "it leaves to the system when its file reaches the disk: set `appendfsync always`,"
            " or `everysec`"
        )
    policy = info.get("maxmemory_policy", "noeviction")
    if policy != "noeviction":
        found.append(f"it evicts keys ({policy}): set `maxmemory-policy noeviction`")
    return tuple(found)


async def require_safe(redis: Redis, *, unsafe_accepted: bool) -> bool:
    """Whether writes can be confirmed. Raises StoreUnsafe unless the operator accepted that."""
    appendfsync = await _appendfsync(redis)
    found = problems(await redis.info(), appendfsync)
    if appendfsync == "everysec":
        log.warning(
            "appendfsync everysec: a power failure may take what was accepted in the last second"
        )
    if found and not unsafe_accepted:
        raise StoreUnsafe(found)
    return not found


async def _appendfsync(redis: Redis) -> str | None:
    try:
        settings: dict[str, str] = await redis.config_get("appendfsync")
    except ResponseError:  # managed stores forbid the question
        return None
    return settings.get("appendfsync")
