"""Ends what runs in the background of a process, also where a cancellation gets lost."""

import asyncio
from typing import Any

RETRY_INTERVAL_S = 0.5
"""Seconds after which a task that goes on all the same is cancelled again."""


async def cancel_and_wait(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks until they have ended, and pass over what they ended with.

    One cancellation is not enough: redis-py drops about one in a hundred that reaches it while it
    waits for a reply, and a caller that awaits such a task would wait for ever.
    """
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=RETRY_INTERVAL_S)
