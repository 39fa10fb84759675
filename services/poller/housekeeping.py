"""What a poller does every second besides its jobs: say that it is alive, and sweep."""

import asyncio
from dataclasses import dataclass

import structlog
from redis.exceptions import RedisError

from services.poller.clock import ServerClock
from services.poller.decide_sweep import decide_sweep
from shared.errors import BackburnerError
from shared.store import Fleet, Store

EVERY = 1.0
"""Seconds between two rounds."""

LIFE = 10_000
"""Milliseconds after its last word for which a poller counts as alive."""

SWEEP_TURN = 900
"""Milliseconds that one sweep speaks for all pollers."""

AT_ONCE = 200
"""How many overdue tasks one sweep takes up, longest overdue first."""

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """One poller's rounds."""

    name: str
    store: Store
    fleet: Fleet
    clock: ServerClock
    late: int

    async def run(self) -> None:
        """Go round until cancelled; whatever goes wrong ends no round but its own."""
        while True:
            try:
                await self.once()
            except (RedisError, OSError, BackburnerError) as error:
                log.warning("store unavailable, trying again", error=type(error).__name__)
            except Exception:
                log.exception("round failed, trying again")
            await asyncio.sleep(EVERY)

    async def once(self) -> None:
        """One round."""
        self.clock.observe(await self.fleet.beat(self.name, LIFE))
        if await self.fleet.may_sweep(SWEEP_TURN):
            await self.sweep()

    async def sweep(self) -> None:
        """Bring every overdue task back on its way."""
        for task in await self.store.overdue(AT_ONCE):
            change = decide_sweep(task, self.late)
            if change is None:
                continue
            if await self.store.apply(change):
                log.warning("overdue, taken up again", task=task.id, status=task.status)
