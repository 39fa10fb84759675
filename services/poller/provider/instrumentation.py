"""Traces, times and counts every call to the provider, and rates how the provider is doing."""

import re
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from statistics import median

import structlog

from services.poller import metrics
from services.poller.results import CallResult, ConnectFailed, NoReply, Reply, error_kind
from shared.domain.provider_health import ProviderHealth
from shared.runtime import tracing

WINDOW = 20
"""Latest calls by which the provider is rated."""

MAX_AGE_S = 300.0
"""Older calls no longer count."""

SLOW_CALL_S = 10.0
"""Slower calls are logged."""

_TRANSIENT = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_REQUEST_ID = re.compile(r"[\w.-]{1,100}", re.ASCII)

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class Call:
    """A finished call; ``at`` is the monotonic time in seconds at which it ended."""

    at: float
    seconds: float
    failure: str | None


class CallMonitor:
    """The latest calls of one poller; ``monotonic`` is a clock in seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._calls: deque[Call] = deque(maxlen=WINDOW)

    async def track(self, operation: str, call: Awaitable[CallResult]) -> CallResult:
        """Await the call and record it. Adds the provider's request id to the log context."""
        started = self._monotonic()
        with tracing.provider_span(operation) as span:
            result = await call
            error = error_kind(result)
            request_id = provider_request_id(result)
            tracing.record_outcome(span, error, request_id)
        seconds = self._monotonic() - started
        if request_id:
            structlog.contextvars.bind_contextvars(provider_request_id=request_id)
        metrics.PROVIDER_LATENCY.labels(operation).observe(seconds)
        if error:
            metrics.PROVIDER_ERRORS.labels(operation, error).inc()
        if seconds >= SLOW_CALL_S:
            log.warning("provider_call_slow", operation=operation, seconds=round(seconds, 1))
        self._calls.append(Call(self._monotonic(), seconds, failure_reason(result)))
        return result

    def health(self) -> ProviderHealth:
        """Summarize the latest calls."""
        now = self._monotonic()
        calls = [call for call in self._calls if now - call.at < MAX_AGE_S]
        if not calls:
            return ProviderHealth(0, 0, 0)
        failures = Counter(call.failure for call in calls if call.failure)
        return ProviderHealth(
            calls=len(calls),
            failed=failures.total(),
            median=round(median(call.seconds for call in calls) * 1000),
            reason=failures.most_common(1)[0][0] if failures else None,
        )


def failure_reason(result: CallResult) -> str | None:
    """Why the provider counts as failing, or None. A 4xx refusal is a proper answer."""
    match result:
        case ConnectFailed(reason):
            return f"no connection ({reason})"
        case NoReply(reason):
            return reason
        case Reply(status) if status >= 500 or status in _TRANSIENT:  # noqa: PLR2004 -- HTTP
            return f"HTTP {status}"
    return None


def provider_request_id(result: CallResult) -> str | None:
    """The provider's ``x-request-id``, or None if it is missing or malformed."""
    if not isinstance(result, Reply):
        return None
    given = result.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else None
