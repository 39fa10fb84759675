"""Builds the signed request of a webhook event (Standard Webhooks)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from standardwebhooks import Webhook

from shared.domain.webhooks import Format, WebhookEvent, event_body
from shared.presentation.serializers import format_timestamp


@dataclass(frozen=True, slots=True)
class Message:
    """Body and headers of one attempt; ``webhook-id`` is the same in all attempts."""

    body: bytes
    headers: dict[str, str]


def sign_event(event: WebhookEvent, form: Format, secrets: Sequence[str], now_ms: int) -> Message:
    """Signed with each of the secrets, at a time in milliseconds since the epoch."""
    body = orjson.dumps(event_body(event, form, format_timestamp(event.at) or "")).decode()
    # In UTC: the library takes another zone's time as UTC.
    now = datetime.fromtimestamp(now_ms // 1000, UTC)
    signatures = [Webhook(secret).sign(event.id, now, body) for secret in secrets]
    headers = {
        "content-type": "application/json",
        "user-agent": "Backburner",
        "accept": "*/*",
        "accept-encoding": "identity",
        "webhook-id": event.id,
        "webhook-timestamp": str(now_ms // 1000),
        "webhook-signature": " ".join(signatures),
    }
    return Message(body.encode(), headers)
