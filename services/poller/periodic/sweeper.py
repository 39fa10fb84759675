"""What a poller does each second besides its jobs: sweep, and let go of what was kept for long."""

from dataclasses import dataclass

import structlog

from services.poller import metrics
from services.poller.decisions.sweep import decide_sweep, sweep_backoff
from services.poller.periodic.retention import Retention
from shared.store import PollerRegistry, Store

SWEEP_LEASE_MS = 900
"""Milliseconds that one sweep speaks for all pollers."""

AT_ONCE = 200
"""How many overdue tasks one sweep takes up, longest overdue first."""

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class Sweeper:
    """One poller's share of it; ``late`` is in ms."""

    store: Store
    fleet: PollerRegistry
    stale_after_ms: int
    retention: Retention | None = None

    async def run(self) -> None:
        """One round."""
        if await self.fleet.acquire_sweep_lease(SWEEP_LEASE_MS):
            await self.sweep()
            if self.retention:
                await self.retention.run()

    async def sweep(self) -> None:
        """Bring every overdue task back on its way."""
        for task in await self.store.overdue(AT_ONCE):
            if await self.store.is_job_due(task):
                # A backlog is no loss: another job would make it longer, and stand at its end. But
                # whoever takes this one may die over it, so it is soon looked at again.
                await self.store.postpone(task, self.stale_after_ms)
                continue
            starts = await self.store.job_starts(task.id)
            change = decide_sweep(task, starts, self.stale_after_ms)
            if change and await self.store.apply(change):
                metrics.RESCUES.labels(task.status).inc()
                log.warning(
                    "overdue, taken up again",
                    task=task.id,
                    status=task.status,
                    starts=starts,
                    in_ms=sweep_backoff(starts),
                )
