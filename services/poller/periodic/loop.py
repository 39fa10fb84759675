"""Does again and again, every second or so, what a poller does besides its jobs."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from redis.exceptions import RedisError

from shared.domain.errors import BackburnerError

EVERY = 1.0
"""Seconds between two rounds."""

log = structlog.get_logger("services.poller")


async def go_round(once: Callable[[], Awaitable[None]], every: float = EVERY) -> None:
    """Do it every so many seconds until cancelled; what goes wrong ends no round but its own."""
    while True:
        try:
            await once()
        except (RedisError, OSError, BackburnerError) as error:
            log.warning("store unavailable, trying again", error=type(error).__name__)
        except Exception:
            log.exception("round failed, trying again")
        await asyncio.sleep(every)
