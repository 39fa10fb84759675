"""Compares the store with what is remembered of it; parks what a rolled-back one would resend."""

from dataclasses import dataclass

import structlog

from services.poller.jobs.submit import SENT_BEFORE
from shared.domain import changes
from shared.store import EpochMarkStore, Store, StoreEpoch

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class Watch:
    """One poller's watch over the store."""

    name: str
    store: Store
    history: StoreEpoch
    high_water: EpochMarkStore

    async def once(self) -> None:
        """Compare; where the store is behind, all that waits in it becomes `unconfirmed`."""
        remembered = self.high_water.read()
        met = await self.history.compare(remembered, self.name)
        await self.high_water.replace(met.mark)
        if met.behind:
            log.error("the store was rolled back: what waits in it is not sent", was=remembered)
        if met.before:
            await self.park(met.before)

    async def park(self, before: int) -> None:
        """Withhold what waits up to the sequence number ``before``."""
        for task in await self.store.queued_up_to(before):
            if await self.store.apply(changes.mark_unconfirmed(task, SENT_BEFORE)):
                log.error("unconfirmed, will not be sent", task=task.id, reason=SENT_BEFORE)
