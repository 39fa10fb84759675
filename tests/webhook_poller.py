"""A poller that repeats webhooks soon, for tests: ``python -m tests.webhook_poller``.

It is the real one with other delays, which no setting can change.
"""

import asyncio
import os
import sys
from functools import partial

from services.poller.bootstrap import main
from services.poller.settings import PollerSettings
from services.poller.webhooks.turns import make_webhook_turns
from shared.runtime import logs
from shared.runtime.startup import run_main


def start() -> None:
    """As the real one starts; WEBHOOK_DELAY_MS is every delay between two attempts."""
    settings = PollerSettings.from_environment()
    logs.configure(settings.log_format)
    delays_ms = 40 * [int(os.environ["WEBHOOK_DELAY_MS"])]
    asyncio.run(main(settings, make_turns=partial(make_webhook_turns, delays_ms=delays_ms)))


if __name__ == "__main__":
    sys.exit(run_main("The poller", start))
