"""Compares the store with what is remembered of it; parks what a rolled-back one would resend."""

from dataclasses import dataclass

import structlog

from services.poller.jobs.submit import MAYBE_SENT
from shared.domain import changes
from shared.store import EpochMarkStore, Store, StoreEpoch

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class RollbackCheck:
    """One poller's watch over the store."""

    name: str
    store: Store
    history: StoreEpoch
    high_water: EpochMarkStore

    async def run(self) -> None:
        """Compare; where the store is behind, all that waits in it becomes `unconfirmed`."""
        remembered = self.high_water.read()
        met = await self.history.compare(remembered, self.name)
        await self.high_water.replace(met.mark)
        if met.behind:
            log.error("the store was rolled back: what waits in it is not sent", was=remembered)
        if met.before:
            await self.quarantine(met.before)

    async def quarantine(self, before: int) -> None:
        """Withhold what waits up to the sequence number ``before``."""
        for task in await self.store.queued_up_to(before):
            if await self.store.apply(changes.mark_unconfirmed(task, MAYBE_SENT)):
                log.error("unconfirmed, will not be sent", task=task.id, reason=MAYBE_SENT)
