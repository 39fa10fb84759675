"""What one client of the event stream is sent, from its place in the events on."""

import asyncio
from collections.abc import AsyncIterator, Callable

from fastapi.sse import EventSourceResponse
from starlette.types import Receive, Scope, Send

from services.api.events import sse
from services.api.events.broadcaster import AWAY, PAUSE, Hub, Place
from services.api.events.cursors import Numbers
from shared.domain.errors import EventsTrimmed
from shared.store import Event


class EventStream(EventSourceResponse):
    """A response without the framework's own watch for the client's leaving: the place has one.

    That one cancels whatever runs, which left every client's memory to the garbage collector.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 -- ASGI's
        """Send all there is."""
        await self.stream_response(send)


def resume(place: Place, last: str, numbers: Numbers) -> None:
    """Move a place to the event that a client saw last; it is lost if there can be none such."""
    number = numbers.read(last)
    place.number, place.lost = (place.number, True) if number is None else (number, False)


async def feed(
    hub: Hub, place: Place, wanted: Callable[[Event], bool], hello: bytes
) -> AsyncIterator[bytes]:
    """Frames, as many at once as there is news, until the hub closes."""
    yield hello
    clock = asyncio.get_running_loop().time
    due = clock() + hub.heartbeat
    while not (place.left or hub.closing):
        try:
            async with asyncio.timeout_at(due):
                news = await hub.after(place)
        except TimeoutError:
            frame = sse.heartbeat(hub.numbers.show(place.number))
        except EventsTrimmed:
            frame = _resync(hub, place)
        except AWAY:
            await asyncio.sleep(PAUSE)
            continue
        else:
            frame = b"".join(one.frame for one in news if wanted(one.event))
        if frame:
            yield frame
            due = clock() + hub.heartbeat
    yield sse.shutdown()


def _resync(hub: Hub, place: Place) -> bytes:
    reason = "unknown" if place.lost or place.number > hub.position else "too_old"
    place.number, place.lost = hub.position, False
    return sse.resync(hub.numbers.show(place.number), reason)
