"""What pollers send to webhook endpoints: whose turn it is, what is due, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import orjson
from redis.asyncio import Redis

from shared.domain.webhooks import Endpoint, WebhookEvent
from shared.runtime.ids import new_token
from shared.store import clock, keys
from shared.store.scripts import (
    WEBHOOK_CLAIM,
    WEBHOOK_RECORD,
    WEBHOOK_RELEASE,
    WEBHOOK_RENEW,
    Request,
)
from shared.store.webhook_endpoints import (
    LOG_SIZE,
    Delivery,
    previous_secrets,
    read_endpoint,
)
from shared.store.webhook_events import WEBHOOK_KEYS, read_event
from shared.store.webhook_secrets import WebhookSecrets


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to send to one endpoint, until it is released or no longer renewed."""

    endpoint_id: str
    token: str


@dataclass(frozen=True, slots=True)
class Turn:
    """An endpoint with the events that are due, each with how often it was sent before."""

    endpoint: Endpoint
    due: Sequence[tuple[WebhookEvent, int]]
    now: int
    kept_secrets: Sequence[bytes]


class WebhookDeliveries:
    """The deliveries of all owners. Raises redis-py's errors when the store is away."""

    def __init__(self, redis: Redis, secrets: WebhookSecrets) -> None:
        self._redis = redis
        self._secrets = secrets

    async def claim(self, room: int, lease_ms: int) -> Sequence[Lease]:
        """Up to ``room`` endpoints to which something is due; no other poller gets them."""
        token = new_token()
        args = {"room": room, "lease_ms": lease_ms, "token": token}
        ids = (await WEBHOOK_CLAIM.run(self._redis, Request(keys=WEBHOOK_KEYS, args=args))).reply
        return [Lease(each.decode(), token) for each in ids]

    async def renew(self, lease: Lease, lease_ms: int) -> None:
        """Keep the endpoint for another ``lease_ms``, if no other poller has it."""
        await WEBHOOK_RENEW.run(self._redis, _lease_request(lease, lease_ms))

    async def load(self, endpoint_id: str, limit: int) -> Turn | None:
        """What is due at an endpoint; None where it is gone, disabled, or nothing is."""
        now = await clock.now(self._redis)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hgetall(keys.webhook_endpoint(endpoint_id))
            pipe.zrangebyscore(keys.webhook_pending(endpoint_id), "-inf", now, start=0, num=limit)
            record, ids = await pipe.execute()
        if not record or b"disabled_at" in record or not ids:
            return None
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hmget(keys.webhook_events(endpoint_id), ids)
            pipe.hmget(keys.webhook_attempts(endpoint_id), ids)
            events, attempts = await pipe.execute()
        due = [
            (read_event(event_id.decode(), stored), int(sent or 0))
            for event_id, stored, sent in zip(ids, events, attempts, strict=True)
            if stored is not None
        ]
        return Turn(read_endpoint(record), due, now, _kept_secrets(record, now))

    async def secrets(self, turn: Turn) -> Sequence[str]:
        """The secrets that sign now, the present one first. Raises WebhookSecretUnreadable."""
        return [await self._secrets.decrypt(kept) for kept in turn.kept_secrets]

    async def record(
        self, endpoint_id: str, delivery: Delivery, disable_reason: str | None = None
    ) -> None:
        """Write what came of an attempt to the log, and when the event is sent again."""
        entry = asdict(delivery)
        del entry["at"]
        request = Request(
            keys={
                "endpoint": keys.webhook_endpoint(endpoint_id),
                "pending": keys.webhook_pending(endpoint_id),
                "events": keys.webhook_events(endpoint_id),
                "attempts": keys.webhook_attempts(endpoint_id),
                "log": keys.webhook_log(endpoint_id),
            },
            args={
                "event": delivery.event_id,
                "entry": orjson.dumps(entry).decode(),
                "log_size": LOG_SIZE,
                "retry_after": delivery.retry_after,
                "delivered": delivery.outcome == "delivered",
                "counts": delivery.task_id is not None,
                "disable_reason": disable_reason,
            },
        )
        await WEBHOOK_RECORD.run(self._redis, request)

    async def release(self, lease: Lease) -> None:
        """End a turn; the endpoint gets the next one when something is due."""
        await WEBHOOK_RELEASE.run(self._redis, _lease_request(lease))


def _lease_request(lease: Lease, lease_ms: int | None = None) -> Request:
    """For webhook_renew.lua and webhook_release.lua."""
    return Request(
        keys={
            **WEBHOOK_KEYS,
            "endpoint": keys.webhook_endpoint(lease.endpoint_id),
            "pending": keys.webhook_pending(lease.endpoint_id),
        },
        args={"id": lease.endpoint_id, "token": lease.token, "lease_ms": lease_ms},
    )


def _kept_secrets(record: Mapping[bytes, bytes], now: int) -> Sequence[bytes]:
    return [
        record[b"secret"],
        *(kept for until, kept in previous_secrets(record) if until > now),
    ]
