"""Tries the store now and then, and logs when a health issue appears and when it is resolved."""

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self

import structlog
from redis.exceptions import RedisError

from services.api.dependencies import AppContext
from services.api.health.checks import check_health
from services.api.health.issues import IssueKind
from shared.runtime.cancellation import cancel_and_wait
from shared.store.trial import INTERVAL_S as TRIAL_INTERVAL_S

INTERVAL_S = 5.0

_QUOTATION = re.compile("“.*”", re.DOTALL)
"""What a message quotes of the provider, which could repeat what it was sent: not for the log."""

log = structlog.get_logger("services.api")


class HealthMonitor:
    """Checks the health every INTERVAL_S within ``async with``."""

    def __init__(self, context: AppContext, clock: Callable[[], float] = time.monotonic) -> None:
        self._context = context
        self._clock = clock
        self._known: frozenset[IssueKind] = frozenset()
        self._tried_at = clock()  # the API has tried the store at its start

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
        await self._try_store()
        report = await check_health(self._context)
        for issue in report.issues:
            if issue.kind not in self._known:
                message = _QUOTATION.sub("“…”", issue.message)
                log.warning("health_issue_detected", kind=issue.kind, message=message)
        for kind in sorted(self._known - report.kinds):
            log.info("health_issue_resolved", kind=kind)
        self._known = report.kinds

    async def _try_store(self) -> None:
        """Every 30 s, and while something is refused at every check, so that its end is seen."""
        trial = self._context.trial
        if trial is None:
            return
        trouble = trial.result.refused or trial.result.failure
        if trouble or self._clock() - self._tried_at >= TRIAL_INTERVAL_S:
            self._tried_at = self._clock()
            with suppress(RedisError, OSError):  # check_health reports a store that is away
                await trial.run()
