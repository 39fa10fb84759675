"""A call to the provider is timed, its failure counted by kind, and the provider judged by it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from services.poller import metrics
from services.poller.provider.instrumentation import (
    MAX_AGE_S,
    SLOW_CALL_S,
    WINDOW,
    CallMonitor,
    error_kind,
    failure_reason,
)
from services.poller.results import BodyTooLarge, CallResult, ConnectFailed, NoReply, Reply
from shared.domain.provider_health import ProviderHealth
from tests.services.poller.scripted_provider import refused, reply


class Clock:
    """Goes on only when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def _nothing_bound() -> Iterator[None]:
    structlog.contextvars.clear_contextvars()
    yield
    structlog.contextvars.clear_contextvars()


async def made(
    monitor: CallMonitor, clock: Clock, result: CallResult, seconds: float = 0.1
) -> None:
    """A call with this outcome that took so long."""

    async def call() -> CallResult:
        clock.now += seconds
        return result

    assert await monitor.track("retrieve", call()) is result


def errors(operation: str, kind: str | None) -> float:
    labels = {"operation": operation, "kind": kind or "none"}
    return metrics.REGISTRY.get_sample_value("backburner_provider_errors_total", labels) or 0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def monitor(clock: Clock) -> CallMonitor:
    return CallMonitor(clock)


@pytest.mark.parametrize(
    ("result", "kind", "reason"),
    [
        (reply(200, {}), None, None),
        (reply(302, b""), "302", None),
        (refused(401), "401", None),
        (refused(404), "404", None),
        (refused(408), "408", "HTTP 408"),
        (refused(429), "429", "HTTP 429"),
        (refused(503), "503", "HTTP 503"),
        (ConnectFailed("ConnectError"), "connect_failed", "no connection (ConnectError)"),
        (NoReply("no answer within 20 s"), "no_reply", "no answer within 20 s"),
        (BodyTooLarge(1), "body_too_large", None),
    ],
)
async def test_each_result_is_counted_by_kind_and_as_failure_of_the_provider_or_not(
    monitor: CallMonitor, clock: Clock, result: CallResult, kind: str | None, reason: str | None
) -> None:
    assert (error_kind(result), failure_reason(result)) == (kind, reason)
    before = errors("retrieve", kind)
    await made(monitor, clock, result)
    assert monitor.health() == ProviderHealth(1, int(reason is not None), 100, reason)
    assert errors("retrieve", kind) - before == int(kind is not None)


async def test_the_reason_is_the_commonest_and_the_median_that_of_all(
    monitor: CallMonitor, clock: Clock
) -> None:
    for seconds in (0.1, 0.2, 0.3):
        await made(monitor, clock, reply(200, {}), seconds)
    await made(monitor, clock, NoReply("ReadTimeout"), 7)
    for _ in range(2):
        await made(monitor, clock, refused(500), 8)
    assert monitor.health() == ProviderHealth(6, 3, 3650, "HTTP 500")


async def test_only_the_latest_calls_count(monitor: CallMonitor, clock: Clock) -> None:
    await made(monitor, clock, refused(500))
    for _ in range(WINDOW):
        await made(monitor, clock, reply(200, {}))
    assert monitor.health() == ProviderHealth(WINDOW, 0, 100)


async def test_old_calls_are_not_counted(monitor: CallMonitor, clock: Clock) -> None:
    await made(monitor, clock, refused(500))
    clock.now += MAX_AGE_S + 1
    assert monitor.health() == ProviderHealth(0, 0, 0)


async def test_the_jobs_later_lines_name_the_providers_request(
    monitor: CallMonitor, clock: Clock
) -> None:
    await made(monitor, clock, reply(200, {}, x_request_id="req_1"))
    await made(monitor, clock, NoReply("ReadTimeout"))
    assert structlog.contextvars.get_contextvars() == {"provider_request_id": "req_1"}


@pytest.mark.parametrize("given", ["", "a b", "x" * 101, "a\nlevel=error"])
async def test_an_invalid_request_id_stays_out_of_the_log(
    monitor: CallMonitor, clock: Clock, given: str
) -> None:
    await made(monitor, clock, Reply(200, b"{}", {"x-request-id": given}))
    assert structlog.contextvars.get_contextvars() == {}


async def test_a_slow_call_is_a_line_of_its_own(monitor: CallMonitor, clock: Clock) -> None:
    with structlog.testing.capture_logs() as lines:
        await made(monitor, clock, reply(200, {}), SLOW_CALL_S - 0.1)
        await made(monitor, clock, reply(200, {}), SLOW_CALL_S)
    assert [(line["event"], line["operation"], line["seconds"]) for line in lines] == [
        ("provider_call_slow", "retrieve", SLOW_CALL_S)
    ]


async def test_a_call_that_is_cancelled_says_nothing_of_the_provider(monitor: CallMonitor) -> None:
    async def for_ever() -> Any:
        await asyncio.Event().wait()

    calling = asyncio.create_task(monitor.track("create", for_ever()))
    await asyncio.sleep(0)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    assert monitor.health().calls == 0
