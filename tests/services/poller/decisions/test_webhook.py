"""What an attempt means depends on its answer, on those before it, and on how long it fails."""

import pytest

from services.poller.decisions.webhook import RETRY_DELAYS_MS, Attempt, Verdict, decide_webhook
from shared.domain.webhooks import TEST, Endpoint, EventType, Format, TaskFilter, WebhookEvent

EVENT = WebhookEvent("evt_1", EventType.COMPLETED, 0, "task_1")
SPAN = sum(RETRY_DELAYS_MS)


def decide(
    attempt: Attempt,
    before: int = 0,
    *,
    failing_since: int | None = None,
    event: WebhookEvent = EVENT,
    random: float = 0,
) -> Verdict:
    endpoint = Endpoint(
        "we_1",
        None,
        "https://example.com/",
        (EventType.COMPLETED,),
        TaskFilter.ALL,
        Format.BACKBURNER,
        "",
        0,
        failing_since=failing_since,
    )
    return decide_webhook(
        attempt,
        event,
        endpoint,
        attempts_before=before,
        now=SPAN,
        delays_ms=RETRY_DELAYS_MS,
        random=lambda: random,
    )


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_a_success(status: int) -> None:
    assert decide(Attempt(status, None, 1)) == Verdict("delivered")


@pytest.mark.parametrize("status", [100, 199, 300, 302, 400, 404, 429, 500, 503, None])
def test_everything_else_is_repeated(status: int | None) -> None:
    error = None if status else "timeout"
    assert decide(Attempt(status, error, 1)) == Verdict("retrying", retry_after=5_000)


def test_delays_grow_and_get_up_to_a_fifth_longer() -> None:
    down = Attempt(500, None, 1)
    for before, delay in enumerate(RETRY_DELAYS_MS):
        assert decide(down, before).retry_after == delay
        assert decide(down, before, random=1.0).retry_after == round(delay * 1.2)


def test_the_tenth_failure_is_the_last_and_disables_what_failed_all_the_time() -> None:
    down = Attempt(None, "timeout", 1)
    last = len(RETRY_DELAYS_MS)
    reason = decide(down, last, failing_since=0).disable_reason
    assert reason
    assert "since 1970-01-01T00:00:00.000Z" in reason
    assert "timeout" in reason
    assert decide(down, last, failing_since=1) == Verdict("given_up")


def test_a_test_event_is_sent_once() -> None:
    event = WebhookEvent("evt_test_1", TEST, 0)
    assert decide(Attempt(500, None, 1), event=event) == Verdict("given_up")
