"""Every call to the provider as it is seen from outside: traced, timed, and named in the log."""

import re
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from statistics import median

import structlog

from services.poller import metrics
from services.poller.results import BodyTooLarge, CallResult, ConnectFailed, NoReply, Reply
from shared.domain.provider_health import ProviderHealth
from shared.runtime import tracing

WINDOW = 20
"""Calls by which the provider is judged."""

MAX_AGE_S = 300.0
"""Seconds after which a call says nothing of the provider any more."""

SLOW_CALL_S = 10.0
"""Seconds from which one call is worth a line in the log."""

_NOT_NOW = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_REQUEST_ID = re.compile(r"[\w.-]{1,100}", re.ASCII)

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class Call:
    """One that ended ``at`` a monotonic second, and took ``seconds``."""

    at: float
    seconds: float
    fault: str | None


class CallMonitor:
    """The latest calls of one poller; ``monotonic`` gives seconds."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._calls: deque[Call] = deque(maxlen=WINDOW)

    async def track(self, operation: str, call: Awaitable[CallResult]) -> CallResult:
        """Make the call. From then on the job's log lines name the provider's request."""
        started = self._monotonic()
        with tracing.provider_span(operation) as span:
            result = await call
            fault = error_kind(result)
            request_id = provider_request_id(result)
            tracing.record_outcome(span, fault, request_id)
        seconds = self._monotonic() - started
        if request_id:
            structlog.contextvars.bind_contextvars(provider_request_id=request_id)
        metrics.PROVIDER_LATENCY.labels(operation).observe(seconds)
        if fault:
            metrics.PROVIDER_ERRORS.labels(operation, fault).inc()
        if seconds >= SLOW_CALL_S:
            log.warning("provider slow", operation=operation, seconds=round(seconds, 1))
        self._calls.append(Call(self._monotonic(), seconds, failure_reason(result)))
        return result

    def health(self) -> ProviderHealth:
        """How the latest calls went; old ones are left out."""
        now = self._monotonic()
        calls = [call for call in self._calls if now - call.at < MAX_AGE_S]
        if not calls:
            return ProviderHealth(0, 0, 0)
        faults = Counter(call.fault for call in calls if call.fault)
        return ProviderHealth(
            calls=len(calls),
            failed=faults.total(),
            median=round(median(call.seconds for call in calls) * 1000),
            reason=faults.most_common(1)[0][0] if faults else None,
        )


def error_kind(result: CallResult) -> str | None:
    """The label of an outcome that is no proper answer; a few dozen are possible."""
    match result:
        case Reply(status) if status < 400:  # noqa: PLR2004 -- HTTP
            return None
        case Reply(status):
            return str(status)
        case ConnectFailed():
            return "unsent"
        case NoReply():
            return "lost"
        case BodyTooLarge():
            return "too_large"


def failure_reason(result: CallResult) -> str | None:
    """What speaks against the provider, in words; its refusals do not."""
    match result:
        case ConnectFailed(reason):
            return f"no connection ({reason})"
        case NoReply(reason):
            return reason
        case Reply(status) if status >= 500 or status in _NOT_NOW:  # noqa: PLR2004 -- HTTP
            return f"HTTP {status}"
    return None


def provider_request_id(result: CallResult) -> str | None:
    """What the provider calls this request; anything that does not look like an id is none."""
    if not isinstance(result, Reply):
        return None
    given = result.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else None
