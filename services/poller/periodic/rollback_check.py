"""Detects that Redis was rolled back, and keeps tasks that may have been sent from being resent."""

from dataclasses import dataclass

import structlog

from services.poller.jobs.submit import MAYBE_SENT
from shared.domain import changes
from shared.store import EpochMarkStore, Store, StoreEpoch

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class RollbackCheck:
    """The rollback check of one poller."""

    name: str
    store: Store
    history: StoreEpoch
    high_water: EpochMarkStore

    async def run(self) -> None:
        """Compare Redis with the remembered epoch. Behind it, queued tasks become unconfirmed."""
        remembered = self.high_water.read()
        met = await self.history.compare(remembered, self.name)
        await self.high_water.replace(met.mark)
        if met.behind:
            log.error("store_rollback_detected", remembered=remembered)
        if met.before:
            await self.quarantine(met.before)

    async def quarantine(self, before: int) -> None:
        """EpochMark tasks queued up to the sequence number ``before`` as unconfirmed."""
        for task in await self.store.queued_up_to(before):
            if await self.store.apply(changes.mark_unconfirmed(task, MAYBE_SENT)):
                log.error("task_marked_unconfirmed", task=task.id, reason=MAYBE_SENT)
