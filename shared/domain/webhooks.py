"""Outgoing webhooks: the events, the endpoints that receive them, and how a body looks."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from shared.domain.states import Status


class EventType(StrEnum):
    """The events that an endpoint can get; each happens to a task at most once."""

    COMPLETED = "task.completed"
    INCOMPLETE = "task.incomplete"
    FAILED = "task.failed"
    CANCELLED = "task.cancelled"
    UNCONFIRMED = "task.unconfirmed"
    LATE_ANSWER = "task.late_answer"


TEST = "webhook.test"
"""The type of an event that an owner asks for to try an endpoint."""


class Format(StrEnum):
    """How the body of an event looks."""

    BACKBURNER = "backburner"
    OPENAI = "openai"


OPENAI_TYPES: dict[str, str] = {
    EventType.COMPLETED: "response.completed",
    EventType.INCOMPLETE: "response.incomplete",
    EventType.FAILED: "response.failed",
    EventType.CANCELLED: "response.cancelled",
}
"""OpenAI has no word for the other events."""

_OPENAI_TEST_ID = "resp_" + 32 * "0"


class TaskFilter(StrEnum):
    """Of which of its owner's tasks an endpoint gets events."""

    ALL = "all"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A receiver of one owner. Times are milliseconds since the epoch on the store's clock.

    ``waiting`` counts the events that it has not confirmed. Until ``previous_secret_until`` the
    secret from before the last rotation signs, too.
    """

    id: str
    owner: str | None
    url: str
    events: tuple[EventType, ...]
    tasks: TaskFilter
    format: Format
    description: str
    created_at: int
    disabled_at: int | None = None
    disabled_reason: str | None = None
    failing_since: int | None = None
    previous_secret_until: int | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """An event as it was written with the change that it tells of; ``cost`` is micro-dollars."""

    id: str
    type: str
    at: int
    task_id: str | None = None
    status: Status | None = None
    error_code: str | None = None
    cost: int | None = None


def event_id(task_id: str, event: EventType) -> str:
    """The same for every repetition of a delivery: by it a receiver recognises one."""
    return f"evt_{task_id.removeprefix('task_')}_{event.removeprefix('task.')}"


def event_body(event: WebhookEvent, form: Format, timestamp: str) -> dict[str, Any]:
    """The body; ``timestamp`` is when it happened, in RFC 3339. It holds no text of the task."""
    if form is Format.OPENAI:
        response = _OPENAI_TEST_ID
        if event.task_id is not None:
            response = f"resp_{event.task_id.removeprefix('task_')}"
        return {
            "id": event.id,
            "object": "event",
            "created_at": event.at // 1000,
            "type": "response.completed" if event.type == TEST else OPENAI_TYPES[event.type],
            "data": {"id": response},
        }
    data: dict[str, Any] = {}
    if event.task_id is not None:
        data = {
            "id": event.task_id,
            "status": event.status,
            "error_code": event.error_code,
            "cost_usd": None if event.cost is None else event.cost / 1_000_000,
        }
    return {"type": event.type, "timestamp": timestamp, "data": data}
