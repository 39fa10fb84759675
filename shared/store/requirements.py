"""Whether a store keeps what it acknowledges, decided from what it says of itself."""

import asyncio
from collections.abc import Mapping
from time import monotonic

import structlog
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.domain.errors import StoreUnsafe
from shared.store.durability import read_appendfsync
from shared.store.rights import IS_CLUSTER
from shared.store.sentinel import MasterDown, MasterPool

OLDEST = (7, 2)
"""WAITAOF came with Redis 7.2, and so with every Valkey."""

RETRY_INTERVAL_S = 0.5
"""Between two looks at a store that cannot be judged yet."""

SILENT_MASTER_S = 30.0
"""How long Sentinels may name a master that is gone: their default of down-after-milliseconds."""

LOG_EVERY = 20
"""Looks from one log line to the next."""

log = structlog.get_logger("shared.store")


def unsettled(info: Mapping[str, object], *, behind_sentinels: bool = False) -> str | None:
    """Why the store cannot be judged by this INFO yet; None if it can."""
    # While it loads, a server turns its append-only file off and reports aof_enabled:0.
    if info.get("loading"):
        return f"loading ({info.get('loading_loaded_perc', 0)} %)"
    if info.get("master_failover_state", "no-failover") != "no-failover":
        return "failover"
    if behind_sentinels and info.get("role", "master") != "master":
        return "Sentinels name a replica"
    return None


def problems(info: Mapping[str, object], appendfsync: str | None = None) -> tuple[str, ...]:
    """What makes the store unsafe, each with the line to change; empty when it is safe.

    ``info`` is its INFO; ``appendfsync`` is None where it keeps its settings to itself.
    """
    found = []
    is_replica = info.get("role", "master") != "master"
    if info.get("cluster_enabled"):
        found.append(IS_CLUSTER)
    if is_replica:
        found.append(
            "it is a replica: point REDIS_URL at the master, or at the Sentinels that know it"
            " (redis+sentinel://HOST:PORT,HOST:PORT/SERVICE/0)"
        )
    version = str(info.get("redis_version", "0"))
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        found.append(f"version {version} cannot confirm a write: use Valkey, or Redis 7.2 or later")
    # A replica that copies its master has the file off meanwhile.
    if not info.get("aof_enabled") and not is_replica:
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


async def require_safe(
    redis: Redis, *, unsafe_accepted: bool, retry_interval_s: float = RETRY_INTERVAL_S
) -> bool:
    """Whether writes can be confirmed. Raises StoreUnsafe unless the operator accepted that.

    Waits without a limit while the store loads its data or a failover is under way, and for
    SILENT_MASTER_S while the master that Sentinels name does not answer.
    """
    info = await _settled_info(redis, retry_interval_s)
    found = problems(info, await read_appendfsync(redis))
    if found and not unsafe_accepted:
        raise StoreUnsafe(found)
    return not found


async def _settled_info(redis: Redis, retry_interval_s: float) -> Mapping[str, object]:
    pool, looks = redis.connection_pool, 0
    sentinels = isinstance(pool, MasterPool)
    patient_until = monotonic() + SILENT_MASTER_S
    while True:
        try:
            info: Mapping[str, object] = await redis.info()
            reason = unsettled(info, behind_sentinels=sentinels)
        except MasterDown:
            reason = "Sentinels name no master yet"
        except (RedisConnectionError, RedisTimeoutError) as error:
            # Not their subclasses, such as a wrong password and Sentinels that do not answer.
            silent = type(error) in (RedisConnectionError, RedisTimeoutError)
            if not (sentinels and silent and monotonic() < patient_until):
                raise
            reason = "the master that Sentinels name does not answer"
        if reason is None:
            return info
        if looks % LOG_EVERY == 0:
            log.warning("store_awaited", reason=reason)
        looks += 1
        await pool.disconnect()  # a new connection asks the Sentinels again
        await asyncio.sleep(retry_interval_s)
