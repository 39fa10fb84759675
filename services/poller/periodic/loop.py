"""Does again and again, every second or so, what a poller does besides its jobs."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from redis.exceptions import RedisError

from shared.domain.errors import BackburnerError

INTERVAL_S = 1.0
"""Seconds between two rounds."""

log = structlog.get_logger("services.poller")


async def run_periodically(run: Callable[[], Awaitable[None]], every: float = INTERVAL_S) -> None:
    """Do it every so many seconds until cancelled; what goes wrong ends no round but its own."""
    while True:
        try:
            await run()
        except (RedisError, OSError, BackburnerError) as error:
            log.warning("store unavailable, trying again", error=type(error).__name__)
        except Exception:
            log.exception("round failed, trying again")
        await asyncio.sleep(every)
