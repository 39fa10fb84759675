"""What is sent over an event stream, as bytes (the HTML standard, 9.2: server-sent events)."""

from typing import Any

import orjson
from fastapi.sse import format_sse_event

from shared.domain.task import Task
from shared.presentation import serializers

RETRY = 1000
"""Milliseconds after which a client whose stream has ended connects again."""


def hello(now: int, heartbeat: float, number: str | None) -> bytes:
    """The first frame; ``number`` is where the stream begins, unless the client said so."""
    data = {"server_time": serializers.format_timestamp(now), "heartbeat_s": heartbeat}
    return frame("hello", data, number, RETRY)


def task(number: str, changed: Task) -> bytes:
    """A task has changed, and is now like this."""
    return frame("task", serializers.task_summary(changed), number)


def deleted(number: str, task_id: str) -> bytes:
    """A task is gone."""
    return frame("deleted", {"id": task_id}, number)


def resync(number: str, reason: str) -> bytes:
    """Something may have been missed: read anew what you show. The stream goes on from here."""
    return frame("resync", {"reason": reason}, number)


def bye() -> bytes:
    """The server stops; another one, or this one again, goes on where this stream ends."""
    return frame("bye", {})


def heartbeat(number: str) -> bytes:
    """Nothing new. The number saves a client of few tasks from resuming too far back."""
    return format_sse_event(comment="heartbeat", id=number)


def frame(
    event: str, data: dict[str, Any], number: str | None = None, retry: int | None = None
) -> bytes:
    """An event as bytes."""
    return format_sse_event(
        event=event,
        data_str=orjson.dumps(data).decode(),
        id=number,
        retry=retry,
    )
