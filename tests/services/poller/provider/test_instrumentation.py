"""A call to the provider is timed, its failure counted by kind, and the provider judged by it."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from services.poller import metrics
from services.poller.provider.instrumentation import (
    FRESH,
    LATEST,
    SLOW,
    Contact,
    error_kind,
    failure,
)
from services.poller.results import Lost, Outcome, Reply, TooLarge, Unsent
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


async def made(contact: Contact, clock: Clock, outcome: Outcome, seconds: float = 0.1) -> None:
    """A call with this outcome that took so long."""

    async def call() -> Outcome:
        clock.now += seconds
        return outcome

    assert await contact.through("retrieve", call()) is outcome


def errors(operation: str, kind: str | None) -> float:
    labels = {"operation": operation, "kind": kind or "none"}
    return metrics.REGISTRY.get_sample_value("backburner_provider_errors_total", labels) or 0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def contact(clock: Clock) -> Contact:
    return Contact(clock)


@pytest.mark.parametrize(
    ("outcome", "kind", "reason"),
    [
        (reply(200, {}), None, None),
        (refused(401), "401", None),
        (refused(404), "404", None),
        (refused(408), "408", "HTTP 408"),
        (refused(429), "429", "HTTP 429"),
        (refused(503), "503", "HTTP 503"),
        (Unsent("ConnectError"), "unsent", "no connection (ConnectError)"),
        (Lost("no answer within 20 s"), "lost", "no answer within 20 s"),
        (TooLarge(1), "too_large", None),
    ],
)
async def test_what_is_counted_and_what_speaks_against_the_provider(
    contact: Contact, clock: Clock, outcome: Outcome, kind: str | None, reason: str | None
) -> None:
    assert (error_kind(outcome), failure(outcome)) == (kind, reason)
    before = errors("retrieve", kind)
    await made(contact, clock, outcome)
    assert contact.standing() == ProviderHealth(1, int(reason is not None), 100, reason)
    assert errors("retrieve", kind) - before == int(kind is not None)


async def test_the_reason_is_the_commonest_and_the_median_that_of_all(
    contact: Contact, clock: Clock
) -> None:
    for seconds in (0.1, 0.2, 0.3):
        await made(contact, clock, reply(200, {}), seconds)
    await made(contact, clock, Lost("ReadTimeout"), 7)
    for _ in range(2):
        await made(contact, clock, refused(500), 8)
    assert contact.standing() == ProviderHealth(6, 3, 3650, "HTTP 500")


async def test_only_the_latest_calls_count(contact: Contact, clock: Clock) -> None:
    await made(contact, clock, refused(500))
    for _ in range(LATEST):
        await made(contact, clock, reply(200, {}))
    assert contact.standing() == ProviderHealth(LATEST, 0, 100)


async def test_old_calls_count_no_more(contact: Contact, clock: Clock) -> None:
    await made(contact, clock, refused(500))
    clock.now += FRESH + 1
    assert contact.standing() == ProviderHealth(0, 0, 0)


async def test_the_jobs_later_lines_name_the_providers_request(
    contact: Contact, clock: Clock
) -> None:
    await made(contact, clock, reply(200, {}, x_request_id="req_1"))
    await made(contact, clock, Lost("ReadTimeout"))
    assert structlog.contextvars.get_contextvars() == {"provider_request_id": "req_1"}


@pytest.mark.parametrize("given", ["", "a b", "x" * 101, "a\nlevel=error"])
async def test_what_is_no_id_stays_out_of_the_log(
    contact: Contact, clock: Clock, given: str
) -> None:
    await made(contact, clock, Reply(200, b"{}", {"x-request-id": given}))
    assert structlog.contextvars.get_contextvars() == {}


async def test_a_slow_call_is_a_line_of_its_own(contact: Contact, clock: Clock) -> None:
    with structlog.testing.capture_logs() as lines:
        await made(contact, clock, reply(200, {}), SLOW - 0.1)
        await made(contact, clock, reply(200, {}), SLOW)
    assert [(line["event"], line["operation"], line["seconds"]) for line in lines] == [
        ("provider slow", "retrieve", SLOW)
    ]


async def test_a_call_that_is_cancelled_says_nothing_of_the_provider(contact: Contact) -> None:
    async def for_ever() -> Any:
        await asyncio.Event().wait()

    calling = asyncio.create_task(contact.through("create", for_ever()))
    await asyncio.sleep(0)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    assert contact.standing().calls == 0
