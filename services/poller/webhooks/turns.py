"""Delivers what is due, endpoint by endpoint: each has a turn with a few events, then the next one.

So one slow receiver delays no other, and the number of requests at a time is bounded.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import random

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.poller import metrics
from services.poller.decisions.webhook import RETRY_DELAYS_MS, Attempt, decide_webhook
from services.poller.webhooks.message import sign_event
from services.poller.webhooks.sender import Route, WebhookSender
from shared.domain.errors import WebhookSecretUnreadable
from shared.domain.webhook_address import AddressPolicy
from shared.domain.webhooks import WebhookEvent
from shared.runtime.cancellation import cancel_and_wait
from shared.runtime.resolver import Resolver
from shared.store import Delivery, Lease, Turn, WebhookDeliveries, WebhookSecrets

INTERVAL_S = 0.25
"""Between two looks for endpoints whose turn it is."""

MAX_TURNS = 32
"""Endpoints to which one poller sends at a time."""

BATCH_SIZE = 8
"""Events that an endpoint gets at a time, from all pollers together."""

LEASE_MS = 6_000
"""After this time another poller takes over the endpoint of one that was killed."""

RENEWAL_INTERVAL_S = 2.0
"""A turn may last longer than a lease: resolving and a request are bounded by 20 s."""


log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class WebhookTurns:
    """The turns of one poller. ``random`` returns a number from 0 to 1."""

    deliveries: WebhookDeliveries
    sender: WebhookSender
    random: Callable[[], float]
    delays_ms: Sequence[int] = RETRY_DELAYS_MS
    running: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        """Start the turns that are due, as many as there is room for."""
        room = MAX_TURNS - len(self.running)
        if room < 1:
            return
        for lease in await self.deliveries.claim(room, LEASE_MS):
            turn = asyncio.create_task(self.take(lease))
            self.running.add(turn)
            turn.add_done_callback(self.running.discard)

    async def stop(self) -> None:
        """Cancel what runs and close the connections. A poller repeats what was not confirmed."""
        await cancel_and_wait(*self.running)
        await self.sender.close()

    async def take(self, lease: Lease) -> None:
        """Send what is due at one endpoint."""
        structlog.contextvars.bind_contextvars(job="webhooks", endpoint=lease.endpoint_id)
        renewal = asyncio.create_task(self._renew(lease))
        try:
            await self._take(lease)
        finally:
            await cancel_and_wait(renewal)

    async def _renew(self, lease: Lease) -> None:
        while True:
            await asyncio.sleep(RENEWAL_INTERVAL_S)
            with suppress(RedisError, OSError):
                await self.deliveries.renew(lease, LEASE_MS)

    async def _take(self, lease: Lease) -> None:
        try:
            await self._deliver(lease.endpoint_id)
        except (RedisError, OSError) as error:
            log.warning("redis_unavailable", error=type(error).__name__)
            return  # not released: the endpoint is due again when the lease ends
        except asyncio.CancelledError:
            with suppress(RedisError, OSError):
                await self.deliveries.release(lease)
            raise
        except Exception:
            metrics.JOBS_FAILED.labels("webhooks").inc()
            log.exception("job_failed")
            return
        with suppress(RedisError, OSError):
            await self.deliveries.release(lease)

    async def _deliver(self, endpoint_id: str) -> None:
        turn = await self.deliveries.load(endpoint_id, BATCH_SIZE)
        if turn is None:
            return
        try:
            secrets = await self.deliveries.secrets(turn)
        except WebhookSecretUnreadable:
            await self._record_all(turn, Attempt(None, "secret_unreadable", 0))
            return
        route = await self.sender.route(turn.endpoint.url)
        if isinstance(route, Attempt):
            await self._record_all(turn, route)
            return
        sent = [self._send(turn, route, secrets, event, attempts) for event, attempts in turn.due]
        for result in await asyncio.gather(*sent, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result

    async def _send(
        self, turn: Turn, route: Route, secrets: Sequence[str], event: WebhookEvent, attempts: int
    ) -> None:
        message = sign_event(event, turn.endpoint.format, secrets, turn.now)
        await self._record(turn, event, attempts, await self.sender.post(route, message))

    async def _record_all(self, turn: Turn, attempt: Attempt) -> None:
        for event, attempts in turn.due:
            await self._record(turn, event, attempts, attempt)

    async def _record(
        self, turn: Turn, event: WebhookEvent, attempts: int, attempt: Attempt
    ) -> None:
        verdict = decide_webhook(
            attempt,
            event,
            turn.endpoint,
            attempts_before=attempts,
            now=turn.now,
            delays_ms=self.delays_ms,
            random=self.random,
        )
        delivery = Delivery(
            event.id,
            event.type,
            event.task_id,
            attempts + 1,
            verdict.outcome,
            attempt.status,
            attempt.error,
            attempt.duration_ms,
            verdict.retry_after,
        )
        await self.deliveries.record(turn.endpoint.id, delivery, verdict.disable_reason)
        metrics.WEBHOOK_DELIVERIES.labels(verdict.outcome).inc()
        what = {"event_id": event.id, "attempt": attempts + 1, "status": attempt.status}
        if attempt.succeeded:
            log.info("webhook_delivered", **what)
        else:
            log.warning(
                "webhook_not_delivered",
                **what,
                error=attempt.error,
                retry_in_ms=verdict.retry_after,
            )
        if verdict.disable_reason:
            metrics.WEBHOOK_ENDPOINTS_DISABLED.inc()
            log.warning("webhook_endpoint_disabled", reason=verdict.disable_reason)


def make_webhook_turns(
    redis: Redis,
    keys: Sequence[str],
    policy: AddressPolicy,
    delays_ms: Sequence[int] = RETRY_DELAYS_MS,
) -> WebhookTurns:
    """Wire the deliveries of one poller. ``keys`` encrypt the secrets in the store."""
    deliveries = WebhookDeliveries(redis, WebhookSecrets(redis, keys))
    return WebhookTurns(deliveries, WebhookSender(policy, Resolver()), random, delays_ms)
