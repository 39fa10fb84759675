"""Webhook events as the store keeps them until their endpoint confirms them."""

from collections.abc import Mapping
from typing import Any

import orjson

from shared.domain.states import Status
from shared.domain.webhooks import WebhookEvent
from shared.store import keys

MAX_WAITING = 5_000
"""Events that wait for one endpoint; the next one disables it."""

TOO_MANY_WAIT = (
    f"Disabled because {MAX_WAITING:,} events wait. Repair the receiver, then enable the endpoint."
)

WEBHOOK_KEYS = {
    "webhook_endpoint": keys.WEBHOOK_ENDPOINT,
    "webhook_queue": keys.WEBHOOK_QUEUE,
}


def event_args(event: WebhookEvent) -> dict[str, Any]:
    """For add_webhook_event in prelude.lua, which adds the time."""
    data = {
        "type": event.type,
        "task_id": event.task_id,
        "status": event.status,
        "error_code": event.error_code,
        "cost": event.cost,
    }
    return {
        "id": event.id,
        "type": event.type,
        "data": orjson.dumps(data).decode(),
        "limit": MAX_WAITING,
        "full": TOO_MANY_WAIT,
    }


def read_event(event_id: str, stored: bytes) -> WebhookEvent:
    """An event as add_webhook_event wrote it."""
    at, _, data = stored.partition(b" ")
    found: Mapping[str, Any] = orjson.loads(data)
    status = found["status"]
    return WebhookEvent(
        event_id,
        found["type"],
        int(at),
        found["task_id"],
        None if status is None else Status(status),
        found["error_code"],
        found["cost"],
    )
