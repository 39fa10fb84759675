"""Whether a task goes as usual follows from those before it and those beside it."""

from dataclasses import replace
from typing import Any

import pytest

from services.api.estimates.progress import (
    OVERDUE_MS,
    PROVIDER_RETENTION_MS,
    STUCK_FACTOR,
    SUBMIT_GRACE_MS,
    Baseline,
    ProgressOut,
    assess_progress,
)
from shared.domain.estimate import Sample
from shared.domain.spending import INSTALLATION
from shared.domain.states import TERMINAL, PauseReason, Status
from shared.domain.task import Task
from shared.openai.model import ACTIVE
from shared.store import Allowance, Today
from tests.shared import tasks

MINUTE = 60_000
NOW = 30 * 24 * 60 * MINUTE
P90 = 20 * MINUTE
HISTORY = [Sample(minutes * MINUTE, 1, 0) for minutes in (4, 8, 10, 12, 14, 16, 18, 19, 20, 60)]


def around(running: dict[str, int] | None = None, **fields: Any) -> Baseline:
    """``running``: other tasks by how many minutes ago they were sent."""
    sent = {task_id: NOW - ago * MINUTE for task_id, ago in (running or {}).items()}
    return replace(Baseline(HISTORY, sent, Today({}, NOW), ACTIVE.expected_cost), **fields)


def running(elapsed: int, **fields: Any) -> Task:
    given = {"submitted_at": NOW - elapsed, "response_id": "resp_1", "next_poll_at": NOW + 1_000}
    return tasks.snapshot(Status.IN_PROGRESS, **(given | fields))


def judged(task: Task, baseline: Baseline) -> tuple[str, str | None]:
    found = assess_progress(task, baseline)
    return found.pace, found.scope


@pytest.mark.parametrize(
    ("elapsed", "pace"),
    [
        (0, "usual"),
        (P90, "usual"),
        (P90 + 1, "slow"),
        (STUCK_FACTOR * P90, "slow"),
        (STUCK_FACTOR * P90 + 1, "stuck"),
    ],
)
def test_it_is_measured_by_what_nine_of_ten_tasks_take(elapsed: int, pace: str) -> None:
    assert judged(running(elapsed), around()) == (pace, None)


def test_of_too_few_tasks_nothing_is_concluded() -> None:
    found = assess_progress(running(STUCK_FACTOR * P90 * 2), around(samples=HISTORY[:4]))
    assert (found.pace, found.scope, found.usual, found.tasks) == ("unknown", None, None, 4)
    assert "No estimate yet: that needs five finished tasks." in found.message


OVERTAKEN = [*HISTORY[1:], Sample(4 * MINUTE, 1, NOW - 5 * MINUTE)]


@pytest.mark.parametrize(
    ("others", "samples", "scope"),
    [
        ({}, HISTORY, None),
        ({"task_1": 30}, HISTORY, None),
        ({"task_2": 30}, HISTORY, None),
        ({"task_2": 30, "task_3": 19}, HISTORY, None),
        ({"task_2": 30, "task_3": 21}, HISTORY, "provider"),
        ({"task_1": 30, "task_2": 30, "task_3": 21}, HISTORY, "provider"),
        ({}, OVERTAKEN, "task"),
        ({"task_2": 1, "task_3": 2}, OVERTAKEN, "task"),
        ({"task_2": 30, "task_3": 21}, OVERTAKEN, "provider"),
        ({"task_2": 30, "task_3": 21}, OVERTAKEN * 2, "task"),
    ],
    ids=[
        "alone",
        "itself is no other",
        "one other is no evidence",
        "one of them goes as usual",
        "two others are late",
        "and so is it",
        "overtaken",
        "the others have just begun",
        "more are late than have overtaken it",
        "not more",
    ],
)
@pytest.mark.parametrize("elapsed", [P90 + MINUTE, STUCK_FACTOR * P90 + MINUTE])
def test_what_the_others_do_tells_attribute_delay_it_is(
    others: dict[str, int], samples: list[Sample], scope: str | None, elapsed: int
) -> None:
    _, found = judged(running(elapsed), around(others, samples=samples))
    assert found == scope


def test_tasks_that_overtook_it_were_sent_later() -> None:
    before = [*HISTORY[1:], Sample(MINUTE, 1, NOW - 40 * MINUTE)]
    assert judged(running(30 * MINUTE), around(samples=before)) == ("slow", None)


@pytest.mark.parametrize(
    ("task", "judgement", "words"),
    [
        (tasks.snapshot(created_at=NOW - SUBMIT_GRACE_MS + 1), ("usual", None), "about to be sent"),
        (tasks.snapshot(created_at=NOW - SUBMIT_GRACE_MS), ("slow", None), "waits to be sent"),
        (
            tasks.snapshot(paused=PauseReason.BAD_KEY),
            ("stuck", "provider"),
            "key of this installation is refused",
        ),
        (tasks.snapshot(paused=PauseReason.QUOTA), ("stuck", "provider"), "no quota"),
        (tasks.snapshot(paused=PauseReason.MODEL_RETIRED), ("stuck", "provider"), "the model"),
        (tasks.snapshot(paused=PauseReason.NO_TOKEN), ("stuck", "task"), "no valid token"),
        (
            tasks.snapshot(paused=PauseReason.BUDGET),
            ("usual", None),
            "begins in 24 h (midnight UTC)",
        ),
        (tasks.snapshot(Status.SUBMITTING), ("usual", None), "being sent now"),
        (tasks.snapshot(Status.UNCONFIRMED), ("stuck", "task"), "your word"),
        (tasks.snapshot(Status.UNCONFIRMED, adopting="resp_9"), ("usual", None), "resp_9"),
        *((tasks.snapshot(end), ("usual", None), "It has ended") for end in sorted(TERMINAL)),
    ],
    ids=lambda value: f"{value.status} {value.paused}" if isinstance(value, Task) else "",
)
def test_a_waiting_task_says_why(task: Task, judgement: tuple[str, str | None], words: str) -> None:
    found = assess_progress(task, around())
    assert (found.pace, found.scope) == judgement
    assert words in found.message


@pytest.mark.parametrize(
    ("scope", "budget", "hopeless"),
    [
        (INSTALLATION, ACTIVE.expected_cost, False),
        (INSTALLATION, ACTIVE.expected_cost - 1, True),
        ("anna", ACTIVE.expected_cost, False),
        ("anna", ACTIVE.expected_cost - 1, True),
        ("bo", 0, False),
    ],
)
def test_a_budget_below_one_task_is_named(scope: str, budget: int, *, hopeless: bool) -> None:
    today = Today({scope: Allowance(budget, 0, 0)}, NOW)
    task = tasks.snapshot(paused=PauseReason.BUDGET, owner="anna")
    found = assess_progress(task, around(samples=[], today=today))
    assert ("until the budget is raised" in found.message) == hopeless


def test_a_check_of_a_response_that_cannot_be_made_says_why() -> None:
    task = tasks.snapshot(Status.UNCONFIRMED, adopting="resp_1")
    found = assess_progress(
        replace(task, problem_code="unreadable", problem_message="A page."), around()
    )
    assert found.pace == "slow"
    assert "A page. It is tried again." in found.message


def test_how_long_an_ended_task_took_stays_the_same() -> None:
    task = tasks.snapshot(Status.COMPLETED, submitted_at=1_000, completed_at=61_500)
    assert assess_progress(task, around()).elapsed_s == 60.5


def risk(task: Task) -> ProgressOut:
    return assess_progress(task, around())


@pytest.mark.parametrize(
    ("late", "seen", "words"),
    [
        (OVERDUE_MS - 1, PROVIDER_RETENTION_MS * 2, None),
        (OVERDUE_MS, PROVIDER_RETENTION_MS, "2 min ago"),
        (OVERDUE_MS, PROVIDER_RETENTION_MS + 1, "may be gone"),
    ],
)
@pytest.mark.parametrize("status", [Status.IN_PROGRESS, Status.CANCELLED])
def test_an_unpolled_answer_is_at_risk(
    late: int, seen: int, words: str | None, status: Status
) -> None:
    polled: dict[str, Any] = {"next_poll_at": NOW - late, "last_polled_at": NOW - seen}
    task = replace(running(MINUTE, **polled, watch_until=NOW), status=status)
    found = assess_progress(task, around()).at_risk
    assert (found is None) == (words is None)
    if found and words:
        assert words in found.message
        assert ("may be gone" in found.message) == (seen > PROVIDER_RETENTION_MS)


def test_what_is_not_at_the_provider_is_at_no_risk_there() -> None:
    task = tasks.snapshot(Status.COMPLETED, response_id="resp_1", next_poll_at=0)
    assert assess_progress(task, around()).at_risk is None


def test_the_simulator_is_not_called_by_another_name() -> None:
    task = running(STUCK_FACTOR * P90 + 1, provider="simulator")
    assert "OpenAI" not in assess_progress(task, around({"task_2": 30, "task_3": 30})).message


@pytest.mark.parametrize(
    ("task", "pace", "words"),
    [
        (
            tasks.snapshot(problem_code="c", problem_message="No.", next_attempt_at=NOW + MINUTE),
            "slow",
            "Nothing has been sent yet. No. It is tried again in 1 min.",
        ),
        (
            tasks.snapshot(paused=PauseReason.QUOTA, problem_code="quota", problem_message="No."),
            "stuck",
            "the account has no quota left. No. It is tried again now.",
        ),
        (
            running(MINUTE, failed_polls=2, problem_code="404", problem_message="No."),
            "slow",
            "its latest 2 polls got no usable answer. No. It is tried again in 1 s.",
        ),
    ],
)
def test_a_task_that_the_provider_brings_no_further_says_why(
    task: Task, pace: str, words: str
) -> None:
    found = assess_progress(task, around())
    assert found.pace == pace
    assert found.message.endswith(words)
    assert found.waiting
    assert found.waiting.message == "No."


def test_one_poll_without_an_answer_is_no_news() -> None:
    task = running(MINUTE, failed_polls=1, problem_code="404", problem_message="No.")
    assert assess_progress(task, around()).waiting is None
