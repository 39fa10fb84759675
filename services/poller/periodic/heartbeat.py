"""Registers the poller as alive every second, reads the clock of Redis, and logs a slow Redis.

It runs apart from the sweep, which may take long.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from services.poller.store_clock import StoreClock
from shared.store import PollerRegistry

TTL_MS = 10_000
"""A poller counts as alive for this long after its last heartbeat."""

SLOW_REPLY_S = 3.0
"""A reply of Redis that takes longer is logged."""

log = structlog.get_logger("services.poller")


@contextmanager
def _warn_when_slow() -> Iterator[None]:
    """Log a slow reply at once: a connection retries for a minute before it fails."""
    loop = asyncio.get_running_loop()
    started_at = loop.time()
    warning = loop.call_later(SLOW_REPLY_S, log.warning, "redis_unresponsive")
    try:
        yield
    finally:
        warning.cancel()
    if loop.time() - started_at > SLOW_REPLY_S:
        log.info("redis_recovered")


@dataclass(slots=True)
class Heartbeat:
    """The heartbeat of one poller."""

    name: str
    fleet: PollerRegistry
    clock: StoreClock
    pollers: int = 1
    """How many were alive at the last heartbeat."""

    async def run(self) -> None:
        """Send one heartbeat."""
        with _warn_when_slow():
            beat = await self.fleet.beat(self.name, TTL_MS)
            self.clock.sync(beat.now)
            self.pollers = beat.alive
