"""Encodes the frames of the event stream (HTML standard, 9.2: server-sent events)."""

from typing import Any

import orjson
from fastapi.sse import format_sse_event

from shared.domain.task import Task
from shared.presentation import serializers

RETRY_MS = 1000
"""Delay after which a browser reconnects when its stream has ended."""


def hello(now: int, heartbeat: float, cursor: str | None) -> bytes:
    """The first frame; ``cursor`` is where the stream begins, None if the client resumes."""
    data = {"server_time": serializers.format_timestamp(now), "heartbeat_s": heartbeat}
    return frame("hello", data, cursor, RETRY_MS)


def task(cursor: str, changed: Task) -> bytes:
    """A task has changed; the data is its summary."""
    return frame("task", serializers.task_summary(changed), cursor)


def deleted(cursor: str, task_id: str) -> bytes:
    """A task was deleted."""
    return frame("deleted", {"id": task_id}, cursor)


def resync(cursor: str, reason: str) -> bytes:
    """Events may have been missed: the client must read again what it shows."""
    return frame("resync", {"reason": reason}, cursor)


def shutdown() -> bytes:
    """The server stops; the client resumes on another replica or after the restart."""
    return frame("shutdown", {})


def heartbeat(cursor: str) -> bytes:
    """No events; the cursor keeps a client that sees few of them from resuming too far back."""
    return format_sse_event(comment="heartbeat", id=cursor)


def frame(
    event: str, data: dict[str, Any], cursor: str | None = None, retry: int | None = None
) -> bytes:
    """Encode an event as bytes."""
    return format_sse_event(
        event=event,
        data_str=orjson.dumps(data).decode(),
        id=cursor,
        retry=retry,
    )
