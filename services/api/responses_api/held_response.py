"""Holds a request open until its task ends: as server-sent events, or as JSON that comes late."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson

from services.api.auth.principal import Principal
from services.api.dependencies import AppContext, load_task
from services.api.events.broadcaster import RETRY_DELAY_S, STORE_ERRORS
from services.api.events.sse import frame
from services.api.events.stream import EventStream
from services.api.events.subscription import Subscription
from services.api.http.media_types import JSON
from services.api.responses_api.event_sequence import Event, first_events, last_events
from services.api.responses_api.response_object import response_object
from shared.domain.errors import EventsTrimmed, TaskNotFound
from shared.domain.task import Task
from shared.store import Unkeyed

HEADERS = {"X-Accel-Buffering": "no", "Content-Encoding": "identity"}
"""A proxy must not buffer what keeps the connection alive, and neither must our compression."""

BLANK = b"\n"
"""What JSON may begin with."""

COMMENT = b": waiting\n\n"


class LateJson(EventStream):
    """JSON that is sent like an event stream: in pieces, until the client leaves."""

    media_type = JSON


@dataclass(frozen=True, slots=True)
class HeldResponse:
    """A client that waits for the end of a task; when it leaves, the task goes on.

    ``unkeyed`` is its request, whose retries can join the task as long as it waits.
    """

    context: AppContext
    principal: Principal
    task: Task
    subscription: Subscription
    unkeyed: Unkeyed | None = None

    def json(self) -> LateJson:
        """The response object when the task ends; until then blanks."""
        return LateJson(self._json(), headers=HEADERS)

    def events(self, starting_after: int) -> EventStream:
        """OpenAI's events with a number above ``starting_after``; until the end, comments."""
        return EventStream(self._events(starting_after), headers=HEADERS)

    async def _json(self) -> AsyncIterator[bytes]:
        async for shown in self._wait():
            yield BLANK if shown is None else orjson.dumps(shown)

    async def _events(self, starting_after: int) -> AsyncIterator[bytes]:
        begun = first_events(response_object(self.task, None))
        for piece in _frames(begun, 0, starting_after):
            yield piece
        async for shown in self._wait():
            if shown is None:
                yield COMMENT
                continue
            for piece in _frames(last_events(shown), len(begun), starting_after):
                yield piece

    async def _wait(self) -> AsyncIterator[dict[str, Any] | None]:
        """None at each heartbeat, and at the end the response object, unless the client leaves."""
        broadcaster, subscription = self.context.broadcaster, self.subscription
        clock = asyncio.get_running_loop().time
        due = clock() + broadcaster.heartbeat
        while not subscription.left:
            try:
                if await self._has_ended():
                    await self.principal.slot.acquire()
                    yield await self._ended()
                    return
                self.principal.slot.give_back()
                async with asyncio.timeout_at(due):
                    await self._change()
            except TimeoutError:
                pass
            except EventsTrimmed:
                subscription.number, subscription.lost = broadcaster.position, False
            except STORE_ERRORS:
                await asyncio.sleep(RETRY_DELAY_S)
            if broadcaster.closing:
                # The client must see that the reply is cut off, so that it sends its request again.
                raise asyncio.CancelledError
            if clock() >= due:
                due = clock() + broadcaster.heartbeat
                await self._extend_joining()
                yield None

    async def _has_ended(self) -> bool:
        try:
            return (await load_task(self.task.id, self.context, self.principal)).is_terminal
        except TaskNotFound:
            return True

    async def _ended(self) -> dict[str, Any]:
        """The response object at the end of the task, or in place of a deleted one."""
        try:
            whole = await self.context.store.load_with_texts(self.task.id)
        except TaskNotFound:
            error = {"code": "deleted", "message": "This task was deleted."}
            return response_object(self.task, None) | {"status": "failed", "error": error}
        body = whole.response
        return await self.context.process_text(
            self.principal.owner, len(body or b""), response_object, whole.task, body
        )

    async def _change(self) -> None:
        """Wait for an event of the task, the client to leave or the server to stop."""
        while events := await self.context.broadcaster.after(self.subscription):
            if any(each.event.task_id == self.task.id for each in events):
                return

    async def _extend_joining(self) -> None:
        if self.unkeyed is not None:
            with suppress(*STORE_ERRORS):
                await self.context.store.extend_joining(
                    self.unkeyed.body_hash, self.principal.owner
                )


def _frames(events: Iterable[Event], first: int, starting_after: int) -> Iterator[bytes]:
    for number, event in enumerate(events, first):
        if number > starting_after:
            yield frame(event["type"], event | {"sequence_number": number})
