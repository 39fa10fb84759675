"""What the terminal shows about a task is true, and claims no more than is known."""

from datetime import UTC, datetime, timedelta

import pytest

from backburner import BackburnerError, Task
from backburner.formatting import (
    format_cost,
    format_duration,
    format_error,
    format_progress,
    format_result,
    single_line,
    strip_control,
    typical_duration,
)
from tests.clients.answers import task

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
NOW = START + timedelta(minutes=3, seconds=5)


def after(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).isoformat()


def a(**changes: object) -> Task:
    return Task.from_json(task(created_at=after(0), **changes))


def lasted(seconds: float, **changes: object) -> Task:
    ended = {"status": "completed", "submitted_at": after(0), "completed_at": after(seconds)}
    return a(**ended | changes)


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (-3, "0 s"),
        (59.9, "59 s"),
        (60, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3840, "1 h 04 min"),
        (86400 * 2 + 3 * 3600, "2 d 3 h"),
    ],
)
def test_durations_are_written_as_on_the_page(seconds: float, written: str) -> None:
    assert format_duration(seconds) == written


def test_progress_shows_the_time_the_providers_status_and_the_last_and_next_poll() -> None:
    waiting = a(provider_status="in_progress", last_polled_at=after(173), next_poll_at=after(234))
    shown = "in_progress 3 min 05 s · OpenAI says in_progress · checked 12 s ago, next in 49 s"
    assert format_progress(waiting, NOW, None) == shown
    assert format_progress(waiting, NOW, None, 30).splitlines() == shown.split(" · ")
    late = a(last_polled_at=after(60), next_poll_at=after(121))
    assert format_progress(late, NOW, None).endswith("checked 2 min 05 s ago, next check is due")


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("bad_key", "the API key is rejected"),
        ("quota", "no quota left"),
        ("model_retired", "no longer offered"),
        ("budget", "budget is spent"),
        ("moon", "waiting: moon"),
    ],
)
def test_a_paused_task_says_what_it_waits_for(reason: str, shown: str) -> None:
    assert shown in format_progress(a(status="queued", paused=reason), NOW, None)


def test_a_task_that_the_provider_refuses_says_so_in_its_words() -> None:
    waiting = {"code": "c", "message": "Slow down.", "attempts": 2, "next_attempt_at": None}
    shown = format_progress(a(status="queued", waiting=waiting), NOW, None)
    assert shown.endswith("Slow down. Tried 2 times.")


def test_the_typical_duration_is_the_median_and_p90_and_shows_the_sample_size() -> None:
    expected = typical_duration([lasted(60 * minutes) for minutes in range(1, 12)], "openai")
    assert expected
    assert (expected.median_s, expected.p90_s, expected.count) == (360, 600, 11)
    shown = "usually 6 min 00 s, 9 of 10 within 10 min 00 s (last 11 tasks)"
    assert format_progress(a(), NOW, expected).endswith(shown)


def test_an_estimate_needs_five_tasks_of_the_same_provider() -> None:
    assert typical_duration([lasted(60)] * 4, "openai") is None
    assert typical_duration([lasted(6, provider="simulator")] * 9, "openai") is None


def test_time_before_submission_is_not_part_of_the_typical_duration() -> None:
    expected = typical_duration([lasted(660, submitted_at=after(600))] * 5, "openai")
    assert expected
    assert expected.median_s == 60


def test_a_result_shows_duration_error_and_what_a_cancellation_reached() -> None:
    assert format_result(lasted(185, cost_usd=1.4289)) == "completed · took 3 min 05 s · cost $1.43"
    failed = {"status": "failed", "error": {"code": "server_error", "message": "Oops."}}
    assert format_result(lasted(60, **failed)).endswith("server_error: Oops. · cost unknown")
    receipt = {"message": "It was stopped at OpenAI after 3 min; it cost $0.20."}
    stopped = lasted(60, **failed, cost_usd=0.2, receipt=receipt)
    assert format_result(stopped).endswith(f"Oops. · {receipt['message']}")


def test_a_cost_is_claimed_only_where_it_is_known() -> None:
    assert format_cost(lasted(6, provider="simulator", cost_usd=1.4289)) == (
        "simulated answer, no cost; OpenAI would charge $1.43"
    )
    assert format_cost(lasted(6, submitted_at=None)) == "never sent, no cost"
    assert format_cost(lasted(6)) == "cost unknown"
    estimated = format_cost(lasted(6, estimated_cost_usd=2.0))
    assert estimated == "cost unknown; the budget counts $2.00"


def test_an_error_with_several_fields_lists_each() -> None:
    errors = [{"field": "input[0].role", "message": "No."}, {"field": "title", "message": "Long."}]
    both = {"status": 422, "detail": "input[0].role: No. (1 more)", "errors": errors}
    assert format_error(BackburnerError(both)) == (
        "input[0].role: No. (1 more)\n  input[0].role: No.\n  title: Long."
    )
    assert format_error(BackburnerError({**both, "errors": errors[:1]})).count("\n") == 0


def test_text_from_a_model_cannot_control_the_terminal() -> None:
    assert strip_control("\x1b]0;owned\x07 \x9b2J\r a\tb\nc é 📌") == "]0;owned 2J a\tb\nc é 📌"
    assert single_line(" two\n lines\x1b[31m ") == "two lines[31m"
