"""Logs when a health issue appears and when it is resolved."""

import asyncio
import re
from typing import Self

import structlog

from services.api.dependencies import AppContext
from services.api.health.checks import check_health
from services.api.health.issues import IssueKind
from shared.runtime.cancellation import cancel_and_wait

INTERVAL_S = 5.0

_QUOTATION = re.compile("“.*”", re.DOTALL)
"""What a message quotes of the provider, which could repeat what it was sent: not for the log."""

log = structlog.get_logger("services.api")


class HealthMonitor:
    """Checks the health every INTERVAL_S within ``async with``."""

    def __init__(self, context: AppContext) -> None:
        self._context = context
        self._known: frozenset[IssueKind] = frozenset()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        await cancel_and_wait(self._task)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL_S)  # first: the pollers may still be starting
            try:
                await self.run_once()
            except Exception:
                log.exception("health_check_failed", retry_in_s=INTERVAL_S)

    async def run_once(self) -> None:
        """Check once; log one line for each change."""
        report = await check_health(self._context)
        for issue in report.issues:
            if issue.kind not in self._known:
                message = _QUOTATION.sub("“…”", issue.message)
                log.warning("health_issue_detected", kind=issue.kind, message=message)
        for kind in sorted(self._known - report.kinds):
            log.info("health_issue_resolved", kind=kind)
        self._known = report.kinds
