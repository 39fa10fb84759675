"""Health check: ``python -m services.poller.cli_health`` exits 0 if a local poller is alive."""

import asyncio
import socket
import sys

from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.domain.errors import InvalidSetting
from shared.runtime.settings import SharedSettings
from shared.store import PollerRegistry
from shared.store.connection import connection_pool


async def alive(settings: SharedSettings) -> bool:
    """Whether a poller of this host has sent a heartbeat lately."""
    pool = connection_pool(settings.redis_url.get_secret_value(), retries=1, timeout=2)
    redis = Redis(connection_pool=pool)
    try:
        names = await PollerRegistry(redis, settings.provider).alive()
    finally:
        await redis.aclose()
        await pool.aclose()
    return any(name.rpartition(":")[0] == socket.gethostname() for name in names)


def main() -> int:
    """Return the exit code."""
    try:
        return 0 if asyncio.run(alive(SharedSettings.from_environment())) else 1
    except (InvalidSetting, RedisError, OSError):
        return 1


if __name__ == "__main__":
    sys.exit(main())
