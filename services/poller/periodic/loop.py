"""Runs the periodic tasks of a poller."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from redis.exceptions import RedisError

from shared.domain.errors import BackburnerError

INTERVAL_S = 1.0

log = structlog.get_logger("services.poller")


async def run_periodically(
    task: Callable[[], Awaitable[None]], interval_s: float = INTERVAL_S
) -> None:
    """Run the task every ``interval_s`` seconds until cancelled. An error ends one run only."""
    while True:
        try:
            await task()
        except (RedisError, OSError, BackburnerError) as error:
            log.warning("redis_unavailable", error=type(error).__name__, retry_in_s=interval_s)
        except Exception:
            log.exception("periodic_task_failed", retry_in_s=interval_s)
        await asyncio.sleep(interval_s)
