"""Compares the store with what is remembered of it; parks what a rolled-back one would resend."""

from dataclasses import dataclass

import structlog

from services.poller.jobs.submit import MAYBE_SENT
from shared.domain import changes
from shared.store import HighWater, History, Store

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class RollbackCheck:
    """One poller's watch over the store."""

    name: str
    store: Store
    history: History
    high_water: HighWater

    async def run(self) -> None:
        """Compare; where the store is behind, all that waits in it becomes `unconfirmed`."""
        remembered = self.high_water.read()
        met = await self.history.meet(remembered, self.name)
        await self.high_water.follow(met.mark)
        if met.behind:
            log.error("the store was rolled back: what waits in it is not sent", was=remembered)
        if met.before:
            await self.quarantine(met.before)

    async def quarantine(self, before: int) -> None:
        """Withhold what waits up to the sequence number ``before``."""
        for task in await self.store.waiting_since(before):
            if await self.store.apply(changes.doubt(task, MAYBE_SENT)):
                log.error("unconfirmed, will not be sent", task=task.id, reason=MAYBE_SENT)
