"""Produces the frames of one client's event stream."""

import asyncio
from collections.abc import AsyncIterator, Callable

from fastapi.sse import EventSourceResponse
from starlette.types import Receive, Scope, Send

from services.api.events import sse
from services.api.events.broadcaster import RETRY_DELAY_S, STORE_ERRORS, EventBroadcaster
from services.api.events.cursors import CursorCodec
from services.api.events.subscription import Subscription
from shared.domain.errors import EventsTrimmed
from shared.store import Event


class EventStream(EventSourceResponse):
    """An event stream whose end is decided by its subscription.

    The framework's own disconnect listener cancels the running task, which left each client's
    memory to the garbage collector.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 -- ASGI's
        """Send every frame."""
        await self.stream_response(send)


def seek(subscription: Subscription, last_event_id: str, cursors: CursorCodec) -> None:
    """Move the subscription to the last event the client saw; an invalid id marks it as lost."""
    number = cursors.decode(last_event_id)
    subscription.lost = number is None
    if number is not None:
        subscription.number = number


async def event_frames(
    broadcaster: EventBroadcaster,
    subscription: Subscription,
    wanted: Callable[[Event], bool],
    hello: bytes,
) -> AsyncIterator[bytes]:
    """Yield frames, those of a batch together, until the broadcaster closes."""
    yield hello
    clock = asyncio.get_running_loop().time
    due = clock() + broadcaster.heartbeat
    while not (subscription.left or broadcaster.closing):
        try:
            async with asyncio.timeout_at(due):
                events = await broadcaster.after(subscription)
        except TimeoutError:
            frame = sse.heartbeat(broadcaster.cursors.encode(subscription.number))
        except EventsTrimmed:
            frame = _resync(broadcaster, subscription)
        except STORE_ERRORS:
            await asyncio.sleep(RETRY_DELAY_S)
            continue
        else:
            frame = b"".join(each.frame for each in events if wanted(each.event))
        if frame:
            yield frame
            due = clock() + broadcaster.heartbeat
    yield sse.shutdown()


def _resync(broadcaster: EventBroadcaster, subscription: Subscription) -> bytes:
    unknown = subscription.lost or subscription.number > broadcaster.position
    subscription.number, subscription.lost = broadcaster.position, False
    cursor = broadcaster.cursors.encode(subscription.number)
    return sse.resync(cursor, "unknown" if unknown else "too_old")
