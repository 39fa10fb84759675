"""A read that waits for news of its task: ``Prefer: wait=…`` (RFC 7240)."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from starlette.types import Receive

from services.api.events.broadcaster import AWAY, Hub, Place
from shared.domain.errors import EventsTrimmed
from shared.domain.task import Task

LONGEST = 60
"""Seconds that a read waits at most."""


def seconds(prefer: Sequence[str]) -> int | None:
    """How long the headers ask to wait, cut to what is allowed; None if they do not, or wrongly."""
    for preference in ",".join(prefer).split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "wait":
            number = re.fullmatch(r'\s*("?)([0-9]{1,9})\1\s*', value)
            return (min(int(number[2]), LONGEST) or None) if number else None
    return None


def in_vain(task: Task) -> bool:
    """Whether nobody expects anything more of the task."""
    return task.is_terminal and task.watch_until is None and task.deletion_requested_at is None


async def newer(
    hub: Hub, task: Task, load: Callable[[], Awaitable[Task]], receive: Receive, limit: float
) -> Task:
    """The task as soon as it has changed, or as it is when the client left or the time is over.

    Raises TooManySubscribers, and what ``load`` raises.
    """
    async with hub.seat(receive) as place:
        # A change before there was a place is seen here, any later one from the place.
        if (now := await load()).version != task.version:
            return now
        with suppress(TimeoutError, EventsTrimmed, *AWAY):  # then it had better look
            async with asyncio.timeout(limit):
                await _news(hub, place, task)
    return await load()


async def _news(hub: Hub, place: Place, task: Task) -> None:
    while news := await hub.after(place):
        for event in (one.event for one in news):
            if event.task_id == task.id and event.version > task.version:
                return
