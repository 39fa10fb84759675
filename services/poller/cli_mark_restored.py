"""Marks that the store was restored: ``python -m services.poller.cli_mark_restored``.

Pollers notice a rolled-back store by what they remember of it. On a new machine nothing is
remembered, and tasks that wait in the backup may have been sent since it was made.
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
    """Begin a new history: what waits in the store becomes `unconfirmed`, never sent."""
    redis = Redis.from_pool(
        connection_pool(settings.redis_url.get_secret_value(), retries=1, timeout=5)
    )
    high_water = EpochMarkStore(None, settings.provider)
    await high_water.replace(EpochMark(new_token(), 0))  # of a history that no store is in
    store = Store(redis, settings.provider)
    try:
        await RollbackCheck(
            "restored", store, StoreEpoch(redis, settings.provider, new_token), high_water
        ).run()
    finally:
        await redis.aclose()


def start() -> None:
    """Read the settings and say it."""
    settings = SharedSettings.from_environment()
    logs.configure(settings.log_format)
    asyncio.run(main(settings))


if __name__ == "__main__":
    sys.exit(run_main("The restored command", start))
