"""Marks Redis as restored from a backup: ``python -m services.poller.cli_mark_restored``.

Pollers detect a rollback by the epoch in their data directory. A new machine has none, and tasks
that wait in the backup may have been sent after it was made.
"""

import asyncio
import sys

from redis.asyncio import Redis

from services.poller.periodic.rollback_check import RollbackCheck
from shared.runtime import logs
from shared.runtime.ids import new_token
from shared.runtime.settings import SharedSettings
from shared.runtime.startup import run_main
from shared.store import EpochMark, EpochMarkStore, Store, StoreEpoch
from shared.store.connection import connection_pool


async def main(settings: SharedSettings) -> None:
    """Start a new epoch: tasks that wait in Redis become unconfirmed and are not sent."""
    redis = Redis.from_pool(
        connection_pool(settings.redis_url.get_secret_value(), retries=1, timeout=5)
    )
    high_water = EpochMarkStore(None, settings.provider)
    await high_water.replace(EpochMark(new_token(), 0))  # an epoch that Redis is not in
    store = Store(redis, settings.provider)
    try:
        await RollbackCheck(
            "restored", store, StoreEpoch(redis, settings.provider, new_token), high_water
        ).run()
    finally:
        await redis.aclose()


def start() -> None:
    """Read the settings and mark it."""
    settings = SharedSettings.from_environment()
    logs.configure(settings.log_format)
    asyncio.run(main(settings))


if __name__ == "__main__":
    sys.exit(run_main("The restored command", start))
