"""Lets a read wait until its task changes: ``Prefer: wait=…`` (RFC 7240)."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from starlette.types import Receive

from services.api.events.broadcaster import STORE_ERRORS, EventBroadcaster
from services.api.events.subscription import Subscription
from shared.domain.errors import EventsTrimmed
from shared.domain.task import Task

MAX_WAIT_S = 60


def parse_prefer_wait(prefer: Sequence[str]) -> int | None:
    """Return the requested wait in seconds, at most MAX_WAIT_S; None if absent or invalid."""
    for preference in ",".join(prefer).split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "wait":
            number = re.fullmatch(r'\s*("?)([0-9]{1,9})\1\s*', value)
            return (min(int(number[2]), MAX_WAIT_S) or None) if number else None
    return None


def is_settled(task: Task) -> bool:
    """Return whether the task is terminal and nothing more is expected from the provider."""
    return task.is_terminal and task.watch_until is None and task.deletion_requested_at is None


async def wait_for_change(
    broadcaster: EventBroadcaster,
    task: Task,
    load: Callable[[], Awaitable[Task]],
    receive: Receive,
    limit: float,
    *,
    owner: str | None = None,
    share: int | None = None,
) -> Task:
    """Return the task once it has changed, the client has left or ``limit`` seconds have passed.

    ``share`` is how many clients of ``owner`` may wait or follow events.

    Raises TooManySubscribers, and what ``load`` raises.
    """
    async with broadcaster.subscribe(receive, owner, share) as subscription:
        # Catches a change before the subscription began; later ones arrive as events.
        if (now := await load()).version != task.version:
            return now
        with suppress(TimeoutError, EventsTrimmed, *STORE_ERRORS):  # loading decides in each case
            async with asyncio.timeout(limit):
                await _wait_for_version(broadcaster, subscription, task)
    return await load()


async def _wait_for_version(
    broadcaster: EventBroadcaster, subscription: Subscription, task: Task
) -> None:
    while events := await broadcaster.after(subscription):
        for event in (each.event for each in events):
            if event.task_id == task.id and event.version > task.version:
                return
