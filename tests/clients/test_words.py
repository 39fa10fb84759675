"""What people read about a task is true, and says no more than is known."""

from datetime import UTC, datetime, timedelta

import pytest

from backburner import BackburnerError, Task
from backburner.words import complaint, cost, duration, harmless, line, outcome, progress, usual
from tests.clients.answers import task

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
NOW = START + timedelta(minutes=3, seconds=5)


def moment(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).isoformat()


def a(**changes: object) -> Task:
    return Task.read(task(created_at=moment(0), **changes))


def lasted(seconds: float, **changes: object) -> Task:
    ended = {"status": "completed", "submitted_at": moment(0), "completed_at": moment(seconds)}
    return a(**ended | changes)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (59.9, "59 s"),
        (60, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3840, "1 h 04 min"),
        (86400 * 2 + 3 * 3600, "2 d 3 h"),
    ],
)
def test_durations_are_written_as_on_the_page(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_while_one_waits_one_sees_how_long_who_says_what_and_when_it_was_checked() -> None:
    waiting = a(provider_status="in_progress", last_polled_at=moment(173), next_poll_at=moment(234))
    assert progress(waiting, NOW, None) == (
        "in_progress 3 min 05 s · OpenAI says in_progress · checked 12 s ago, next in 49 s"
    )


def test_a_check_that_is_late_is_called_due() -> None:
    waiting = a(last_polled_at=moment(60), next_poll_at=moment(121))
    assert progress(waiting, NOW, None).endswith("checked 2 min 05 s ago, next check is due")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("bad_key", "OpenAI refuses the key"),
        ("quota", "no quota left"),
        ("model_retired", "no longer has the model"),
        ("budget", "budget is used up"),
        ("moon", "waits: moon"),
    ],
)
def test_a_paused_task_says_what_it_waits_for(reason: str, words: str) -> None:
    assert words in progress(a(status="queued", paused=reason), NOW, None)


def test_where_one_line_is_too_narrow_each_thing_has_its_own() -> None:
    waiting = a(provider_status="queued")
    assert progress(waiting, NOW, None, 80).count("\n") == 0
    assert progress(waiting, NOW, None, 30) == "in_progress 3 min 05 s\nOpenAI says queued"


def test_usual_is_the_middle_and_nine_of_ten_and_says_on_how_many_it_rests() -> None:
    expected = usual([lasted(60 * minutes) for minutes in range(1, 12)], "openai")
    assert expected
    assert (expected.half, expected.most, expected.count) == (360, 600, 11)
    assert progress(a(), NOW, expected).endswith(
        "usually 6 min 00 s, 9 of 10 within 10 min 00 s (last 11 tasks)"
    )


def test_four_tasks_make_nothing_usual_and_five_do() -> None:
    assert usual([lasted(60)] * 4, "openai") is None
    assert usual([lasted(60)] * 5, "openai") is not None


def test_the_simulators_haste_says_nothing_about_openai() -> None:
    assert usual([lasted(6, provider="simulator")] * 9, "openai") is None


def test_time_spent_waiting_to_be_sent_is_no_part_of_what_is_usual() -> None:
    late = lasted(660, submitted_at=moment(600))
    expected = usual([late] * 5, "openai")
    assert expected
    assert expected.half == 60


def test_an_end_says_how_long_it_took_and_what_it_cost() -> None:
    assert outcome(lasted(185, cost_usd=1.4289)) == "completed · took 3 min 05 s · cost $1.43"


def test_a_failure_says_why() -> None:
    failed = lasted(60, status="failed", error={"code": "server_error", "message": "Oops."})
    assert outcome(failed).endswith("server_error: Oops. · cost unknown")


def test_a_receipt_says_what_was_stopped() -> None:
    error = {"code": "deadline_exceeded", "message": "Too long."}
    receipt = {"message": "It was stopped at OpenAI after 3 min; it cost $0.20."}
    stopped = lasted(60, status="failed", cost_usd=0.2, error=error, receipt=receipt)
    assert outcome(stopped).endswith(f"Too long. · {receipt['message']}")


def test_nobody_is_told_that_a_made_up_answer_cost_money() -> None:
    assert cost(lasted(6, provider="simulator", cost_usd=1.4289)) == (
        "made up by the simulator, nothing was paid; OpenAI would have taken $1.43"
    )


def test_what_was_never_sent_cost_nothing_and_what_was_sent_may_have() -> None:
    assert cost(lasted(6, submitted_at=None)) == "never sent, cost nothing"
    assert cost(lasted(6)) == "cost unknown"


def test_a_problem_with_several_fields_names_each() -> None:
    errors = [{"field": "input[0].role", "message": "No."}, {"field": "title", "message": "Long."}]
    both = {"status": 422, "detail": "input[0].role: No. (1 more)", "errors": errors}
    assert complaint(BackburnerError(both)) == (
        "input[0].role: No. (1 more)\n  input[0].role: No.\n  title: Long."
    )
    assert complaint(BackburnerError({**both, "errors": errors[:1]})).count("\n") == 0


def test_text_from_elsewhere_cannot_command_the_terminal() -> None:
    assert harmless("\x1b]0;owned\x07 \x9b2J\r a\tb\nc é 📌") == "]0;owned 2J a\tb\nc é 📌"
    assert line(" two\n lines\x1b[31m ") == "two lines[31m"
