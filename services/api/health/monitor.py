"""Says in the log when something goes wrong and when it is over, whether anybody asks or not."""

import asyncio
from typing import Self

import structlog

from services.api.dependencies import AppContext
from services.api.health.checks import IssueKind, check_health
from shared.runtime.cancellation import end

INTERVAL_S = 5.0
"""Seconds between two looks."""

log = structlog.get_logger("services.api")


class HealthMonitor:
    """Looks while it is entered, and remembers what was wrong at the last look."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._known: frozenset[IssueKind] = frozenset()

    async def __aenter__(self) -> Self:
        self._looking = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        await end(self._looking)

    async def _run(self) -> None:
        while True:  # at first everything has a moment to start
            await asyncio.sleep(INTERVAL_S)
            try:
                await self.run_once()
            except Exception:
                log.exception("health_check_failed", retry_in_s=INTERVAL_S)

    async def run_once(self) -> None:
        """One look: a line for each change."""
        found = await check_health(self._context)
        for issue in found.issues:
            if issue.kind not in self._known:
                log.warning("health_issue_detected", kind=issue.kind, message=issue.message)
        for kind in sorted(self._known - found.kinds):
            log.info("health_issue_resolved", kind=kind)
        self._known = found.kinds
