"""Reschedules overdue tasks, and runs retention, on one poller at a time."""

from dataclasses import dataclass

import structlog

from services.poller import metrics
from services.poller.decisions.sweep import decide_sweep, sweep_backoff
from services.poller.periodic.retention import Retention
from shared.store import PollerRegistry, Store

SWEEP_LEASE_MS = 900
"""One poller sweeps for all in this time."""

BATCH_SIZE = 200
"""Overdue tasks per sweep, longest overdue first."""

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class Sweeper:
    """The sweep of one poller."""

    store: Store
    fleet: PollerRegistry
    stale_after_ms: int
    retention: Retention | None = None

    async def run(self) -> None:
        """Sweep, if no other poller did."""
        if await self.fleet.acquire_sweep_lease(SWEEP_LEASE_MS):
            await self.sweep()
            if self.retention:
                await self.retention.run()

    async def sweep(self) -> None:
        """Reschedule overdue tasks."""
        for task in await self.store.overdue(BATCH_SIZE):
            if await self.store.is_job_due(task):
                # Its job is not lost but waits in a backlog. It is checked again soon, since the
                # worker that claims it may stop.
                await self.store.postpone(task, self.stale_after_ms)
                continue
            attempts = await self.store.job_starts(task.id)
            change = decide_sweep(task, attempts, self.stale_after_ms)
            if change and await self.store.apply(change):
                metrics.RESCUES.labels(task.status).inc()
                log.warning(
                    "overdue_task_rescheduled",
                    task=task.id,
                    status=task.status,
                    attempts=attempts,
                    retry_in_ms=sweep_backoff(attempts),
                )
