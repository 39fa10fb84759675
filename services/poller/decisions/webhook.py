"""Decides what an attempt to deliver a webhook event means: delivered, repeated, or given up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from shared.domain.webhooks import Endpoint, WebhookEvent
from shared.presentation.serializers import format_timestamp

_SECOND_MS, _MINUTE_MS, _HOUR_MS = 1_000, 60_000, 3_600_000

RETRY_DELAYS_MS: Sequence[int] = (
    *(5 * _SECOND_MS, 5 * _MINUTE_MS, 30 * _MINUTE_MS, 2 * _HOUR_MS, 5 * _HOUR_MS),
    *(10 * _HOUR_MS, 14 * _HOUR_MS, 20 * _HOUR_MS, 24 * _HOUR_MS),
)
"""Between the attempts, by Standard Webhooks: ten attempts in a little more than three days."""

MAX_JITTER = 0.2
"""By how much of a delay it may be longer, so that a receiver that returns is not overrun."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one request: an HTTP status, or a word for why there is none."""

    status: int | None
    error: str | None
    duration_ms: int

    @property
    def succeeded(self) -> bool:
        """Whether the receiver confirmed the event."""
        return self.status is not None and HTTPStatus(200) <= self.status < HTTPStatus(300)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the event, and of its endpoint.

    ``retry_after`` is in milliseconds. ``disable_reason`` is a sentence for the owner.
    """

    outcome: str
    retry_after: int | None = None
    disable_reason: str | None = None


def decide_webhook(
    attempt: Attempt,
    event: WebhookEvent,
    endpoint: Endpoint,
    *,
    attempts_before: int,
    now: int,
    delays_ms: Sequence[int],
    random: Callable[[], float],
) -> Verdict:
    """``now`` is the store's time in ms; ``random`` returns a number from 0 to 1.

    A test event is sent once.
    """
    if attempt.succeeded:
        return Verdict("delivered")
    if attempt.status == HTTPStatus.GONE:
        return Verdict("given_up", disable_reason="Disabled because the receiver answered 410.")
    if event.task_id is None:
        return Verdict("given_up")
    if attempts_before < len(delays_ms):
        delay = delays_ms[attempts_before]
        return Verdict("retrying", retry_after=round(delay * (1 + MAX_JITTER * random())))
    failing_since = endpoint.failing_since
    if failing_since is None or now - failing_since < sum(delays_ms):
        return Verdict("given_up")  # other events were delivered meanwhile
    answer = attempt.error or f"status {attempt.status}"
    reason = (
        f"Disabled because no delivery has succeeded since {format_timestamp(failing_since)}"
        f" (the last one: {answer}). Repair the receiver, then enable the endpoint."
    )
    return Verdict("given_up", disable_reason=reason)
