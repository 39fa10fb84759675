"""What a poller does every second besides its jobs: say that it is alive, sweep, and let go."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog
from redis.exceptions import RedisError

from services.poller import metrics
from services.poller.clock import ServerClock
from services.poller.decide_sweep import decide_sweep
from services.poller.retention import Retention
from shared.changes import QUEUED_LATE
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

SILENCE = 3.0
"""Seconds without a word from the store after which the log says so."""

log = structlog.get_logger("services.poller")


@contextmanager
def _silence_told() -> Iterator[None]:
    """A connection tries for a minute before it fails; whoever reads the log need not wait."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    telling = loop.call_later(SILENCE, log.warning, "store does not answer, trying on")
    try:
        yield
    finally:
        telling.cancel()
    if loop.time() - began > SILENCE:
        log.info("store answers again")


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


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """One poller's rounds."""

    name: str
    store: Store
    fleet: Fleet
    clock: ServerClock
    late: int
    retention: Retention | None = None

    async def run(self) -> None:
        """Go round until cancelled."""
        await go_round(self.once)

    async def once(self) -> None:
        """One round."""
        with _silence_told():
            self.clock.observe(await self.fleet.beat(self.name, LIFE))
        if await self.fleet.may_sweep(SWEEP_TURN):
            await self.sweep()
            if self.retention:
                await self.retention.once()

    async def sweep(self) -> None:
        """Bring every overdue task back on its way."""
        for task in await self.store.overdue(AT_ONCE):
            if await self.store.waits_in_queue(task):
                # A backlog is no loss: another job would make it longer, and stand at its end.
                await self.store.postpone(task, QUEUED_LATE)
                continue
            change = decide_sweep(task, await self.store.starts(task.id), self.late)
            if change and await self.store.apply(change):
                metrics.RESCUES.labels(task.status).inc()
                log.warning("overdue, taken up again", task=task.id, status=task.status)
