"""Says in the log when something goes wrong and when it is over, whether anybody asks or not."""

import asyncio
from typing import Self

import structlog

from services.api.dependencies import AppContext
from services.api.health.checks import Kind, diagnose
from shared.runtime.cancellation import cancel_and_wait

EVERY = 5.0
"""Seconds between two looks."""

log = structlog.get_logger("services.api")


class Vigil:
    """Looks while it is entered, and remembers what was wrong at the last look."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._known: frozenset[Kind] = frozenset()

    async def __aenter__(self) -> Self:
        self._looking = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        await cancel_and_wait(self._looking)

    async def _run(self) -> None:
        while True:  # at first everything has a moment to start
            await asyncio.sleep(EVERY)
            try:
                await self.once()
            except Exception:
                log.exception("vigil failed, trying again")

    async def once(self) -> None:
        """One look: a line for each change."""
        found = await diagnose(self._context)
        for trouble in found.troubles:
            if trouble.kind not in self._known:
                log.warning("trouble", trouble=trouble.kind, message=trouble.message)
        for kind in sorted(self._known - found.kinds):
            log.info("trouble over", trouble=kind)
        self._known = found.kinds
