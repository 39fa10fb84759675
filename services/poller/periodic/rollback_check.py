"""Detects that Redis was rolled back, and keeps tasks that may have been sent from being resent."""

from dataclasses import dataclass

import structlog

from services.poller.jobs.submit import MAYBE_SENT
from shared.domain import changes
from shared.store import HighWater, History, Store

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class RollbackCheck:
    """The rollback check of one poller."""

    name: str
    store: Store
    history: History
    high_water: HighWater

    async def run(self) -> None:
        """Compare Redis with the remembered epoch. Behind it, queued tasks become unconfirmed."""
        remembered = self.high_water.read()
        met = await self.history.meet(remembered, self.name)
        await self.high_water.follow(met.mark)
        if met.behind:
            log.error("store_rollback_detected", remembered=remembered)
        if met.before:
            await self.quarantine(met.before)

    async def quarantine(self, before: int) -> None:
        """Mark tasks queued up to the sequence number ``before`` as unconfirmed."""
        for task in await self.store.waiting_since(before):
            if await self.store.apply(changes.doubt(task, MAYBE_SENT)):
                log.error("task_marked_unconfirmed", task=task.id, reason=MAYBE_SENT)
