"""Keeps each owner's webhook endpoints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson
from redis.asyncio import Redis

from shared.domain.errors import (
    TooManyWebhookEndpoints,
    WebhookEndpointDisabled,
    WebhookEndpointNotFound,
)
from shared.domain.webhooks import TEST, Endpoint, EventType, Format, TaskFilter, WebhookEvent
from shared.runtime.ids import new_token
from shared.store import keys
from shared.store.scripts import WEBHOOK_SAVE, WEBHOOK_TEST, Request
from shared.store.webhook_events import WEBHOOK_KEYS, event_args
from shared.store.webhook_secrets import WebhookSecrets

MAX_ENDPOINTS = 20
"""Per owner."""

OVERLAP_MS = 24 * 3_600_000
"""Milliseconds for which the secret from before a rotation signs, too."""

MAX_PREVIOUS_SECRETS = 3
"""Secrets from before rotations that sign at a time."""

LOG_SIZE = 50
"""Latest attempts of an endpoint that are kept."""

DISABLED_BY_OWNER = "Disabled by its owner."


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver an event; ``status`` is HTTP's, ``error`` is a word.

    ``at`` is milliseconds since the epoch, ``retry_after`` milliseconds from then.
    """

    event_id: str
    type: str
    task_id: str | None
    attempt: int
    outcome: str
    status: int | None
    error: str | None
    duration_ms: int
    retry_after: int | None
    at: int = 0

    @property
    def next_attempt_at(self) -> int | None:
        """When it is repeated, in milliseconds since the epoch."""
        return None if self.retry_after is None else self.at + self.retry_after


class WebhookEndpoints:
    """The endpoints of all owners. Raises redis-py's errors when the store is away.

    What names an endpoint raises WebhookEndpointNotFound, also for another owner's.
    """

    def __init__(self, redis: Redis, secrets: WebhookSecrets) -> None:
        self._redis = redis
        self._secrets = secrets

    async def list(self, owner: str | None) -> Sequence[Endpoint]:
        """Those of one owner, oldest first."""
        ids = await self._redis.zrange(keys.webhook_endpoints(owner), 0, -1)
        found = [await self._read(each.decode()) for each in ids]
        return [endpoint for endpoint in found if endpoint is not None]

    async def load(self, owner: str | None, endpoint_id: str) -> Endpoint:
        """One of an owner's endpoints."""
        endpoint = await self._read(endpoint_id)
        if endpoint is None or endpoint.owner != owner:
            raise WebhookEndpointNotFound(endpoint_id)
        return endpoint

    async def create(
        self, owner: str | None, endpoint_id: str, fields: Mapping[str, str], secret: str
    ) -> bool:
        """Write an endpoint; False where there is one with this id already.

        Raises TooManyWebhookEndpoints.
        """
        encrypted = await self._secrets.encrypt(secret)
        known = {"id": endpoint_id, "owner": owner or "", "secret": encrypted}
        saved = await self._save(owner, endpoint_id, {**fields, **known}, create=True)
        if saved == b"full":
            raise TooManyWebhookEndpoints(MAX_ENDPOINTS)
        return saved == b"saved"

    async def update(
        self,
        owner: str | None,
        endpoint_id: str,
        fields: Mapping[str, str],
        *,
        disabled: bool | None = None,
    ) -> None:
        """Change fields. Enabling an endpoint sends at once what waits for it."""
        if await self._save(owner, endpoint_id, fields, disabled=disabled) != b"saved":
            raise WebhookEndpointNotFound(endpoint_id)

    async def rotate(self, owner: str | None, endpoint_id: str, secret: str) -> None:
        """Sign with another secret, and for OVERLAP_MS with the present one, too."""
        fields = {"secret": await self._secrets.encrypt(secret)}
        saved = await self._save(owner, endpoint_id, fields, keep_secret_ms=OVERLAP_MS)
        if saved != b"saved":
            raise WebhookEndpointNotFound(endpoint_id)

    async def secret(self, owner: str | None, endpoint_id: str) -> str:
        """The secret that signs. Raises WebhookSecretUnreadable."""
        await self.load(owner, endpoint_id)
        kept = await self._redis.hget(keys.webhook_endpoint(endpoint_id), "secret")
        return await self._secrets.decrypt(kept or b"")

    async def delete(self, owner: str | None, endpoint_id: str) -> None:
        """Remove an endpoint with all that waits for it."""
        await self.load(owner, endpoint_id)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.zrem(keys.webhook_endpoints(owner), endpoint_id)
            pipe.zrem(keys.WEBHOOK_QUEUE, endpoint_id)
            pipe.delete(
                keys.webhook_endpoint(endpoint_id),
                keys.webhook_pending(endpoint_id),
                keys.webhook_events(endpoint_id),
                keys.webhook_attempts(endpoint_id),
                keys.webhook_log(endpoint_id),
            )
            await pipe.execute()

    async def send_test(self, owner: str | None, endpoint_id: str) -> str:
        """Have a poller send a test event; its id. Raises WebhookEndpointDisabled."""
        event = WebhookEvent(f"evt_test_{new_token()}", TEST, 0)
        request = Request(
            keys=WEBHOOK_KEYS,
            args={"endpoint": endpoint_id, "owner": owner or "", "event": event_args(event)},
        )
        match (await WEBHOOK_TEST.run(self._redis, request)).reply:
            case b"missing":
                raise WebhookEndpointNotFound(endpoint_id)
            case b"disabled" | b"full":
                raise WebhookEndpointDisabled(endpoint_id)
            case _:
                return event.id

    async def deliveries(self, owner: str | None, endpoint_id: str) -> Sequence[Delivery]:
        """The latest attempts, the last one first."""
        await self.load(owner, endpoint_id)
        entries = await self._redis.lrange(keys.webhook_log(endpoint_id), 0, LOG_SIZE - 1)
        found = []
        for entry in entries:
            at, _, data = entry.partition(b" ")
            found.append(Delivery(**orjson.loads(data), at=int(at)))
        return found

    async def _save(
        self,
        owner: str | None,
        endpoint_id: str,
        fields: Mapping[str, str],
        *,
        create: bool = False,
        disabled: bool | None = None,
        keep_secret_ms: int | None = None,
    ) -> bytes:
        request = Request(
            keys={
                **WEBHOOK_KEYS,
                "endpoint": keys.webhook_endpoint(endpoint_id),
                "index": keys.webhook_endpoints(owner),
                "pending": keys.webhook_pending(endpoint_id),
            },
            args={
                "id": endpoint_id,
                "owner": owner or "",
                "create": create,
                "limit": MAX_ENDPOINTS,
                "set_fields": fields,
                "disabled": disabled,
                "reason": DISABLED_BY_OWNER,
                "keep_secret_ms": keep_secret_ms,
                "max_previous": MAX_PREVIOUS_SECRETS,
            },
        )
        reply: bytes = (await WEBHOOK_SAVE.run(self._redis, request)).reply
        return reply

    async def _read(self, endpoint_id: str) -> Endpoint | None:
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hgetall(keys.webhook_endpoint(endpoint_id))
            pipe.zcard(keys.webhook_pending(endpoint_id))
            record, waiting = await pipe.execute()
        return read_endpoint(record, waiting) if record else None


def previous_secrets(record: Mapping[bytes, bytes]) -> Sequence[tuple[int, bytes]]:
    """The encrypted secrets from before rotations, each with the time until which it signs."""
    entries = [each.partition(b":") for each in record.get(b"previous_secrets", b"").split()]
    return [(int(until), kept) for until, _, kept in entries]


def read_endpoint(record: Mapping[bytes, bytes], waiting: int = 0) -> Endpoint:
    """An endpoint from its hash."""
    texts = {name.decode(): value.decode() for name, value in record.items()}

    def number(name: str) -> int | None:
        return int(texts[name]) if name in texts else None

    return Endpoint(
        id=texts["id"],
        owner=texts["owner"] or None,
        url=texts["url"],
        # A later version may know more.
        events=tuple(event for event in EventType if event in texts["events"].split()),
        tasks=TaskFilter(texts["tasks"]),
        format=Format(texts["format"]),
        description=texts["description"],
        created_at=int(texts["created_at"]),
        disabled_at=number("disabled_at"),
        disabled_reason=texts.get("disabled_reason"),
        failing_since=number("failing_since"),
        previous_secret_until=max((until for until, _ in previous_secrets(record)), default=None),
        waiting=waiting,
    )
