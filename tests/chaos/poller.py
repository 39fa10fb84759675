"""A poller that also says in its log which submissions it holds: ``python -m tests.chaos.poller``.

When it is killed, its log tells whose POST died with it; nothing else differs from the real one.
"""

import asyncio
import sys
from typing import Any

import structlog

from services.poller.bootstrap import main
from services.poller.settings import PollerSettings
from shared.domain.changes import Change
from shared.domain.states import Status
from shared.domain.task import Task
from shared.runtime import logs
from shared.runtime.startup import run_main
from shared.store import Store

CLAIMING = "claiming"
SETTLED = "settled"

log = structlog.get_logger("services.poller")


class LoggingStore(Store):
    """Tells of each submission when it may begin, and when its outcome is written down."""

    async def apply(self, change: Change, **options: Any) -> Task | None:
        if change.after is Status.SUBMITTING:
            log.info(CLAIMING, task=change.task.id)
        applied = await super().apply(change, **options)
        if change.before is Status.SUBMITTING:
            log.info(SETTLED, task=change.task.id, status=change.after, applied=bool(applied))
        return applied


def start() -> None:
    settings = PollerSettings.from_environment()
    logs.configure(settings.log_format)
    asyncio.run(main(settings, LoggingStore))


if __name__ == "__main__":
    sys.exit(run_main("The poller", start))
