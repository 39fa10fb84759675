"""Says every second that a poller is alive, learns what the store knows, and tells of its silence.

A round of its own: a sweep that takes long, or waits for a store that is away, may not silence it.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

from services.poller.store_clock import StoreClock
from shared.store import PollerRegistry

TTL_MS = 10_000
"""Milliseconds after its last word for which a poller counts as alive."""

SLOW_REPLY_S = 3.0
"""Seconds without a word from the store after which the log says so."""

log = structlog.get_logger("services.poller")


@contextmanager
def _warn_when_slow() -> Iterator[None]:
    """A connection tries for a minute before it fails; whoever reads the log need not wait."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    telling = loop.call_later(SLOW_REPLY_S, log.warning, "store does not answer, trying on")
    try:
        yield
    finally:
        telling.cancel()
    if loop.time() - began > SLOW_REPLY_S:
        log.info("store answers again")


@dataclass(slots=True)
class Heartbeat:
    """One poller's."""

    name: str
    fleet: PollerRegistry
    clock: StoreClock
    pollers: int = 1
    """How many of them were alive at the last beat."""

    async def run(self) -> None:
        """One beat."""
        with _warn_when_slow():
            beat = await self.fleet.beat(self.name, TTL_MS)
            self.clock.sync(beat.now)
            self.pollers = beat.alive
