"""What is wrong follows from how things stand: the cause first, each with its remedy."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from services.api.health.checks import HealthReport
from services.api.health.issues import (
    NEARLY_FULL,
    OVERDUE_MS,
    SLOW_MS,
    HealthSnapshot,
    IssueKind,
    find_issues,
)
from shared.domain.model_shutdown import ModelShutdown
from shared.domain.provider_health import ProviderHealth
from shared.domain.states import PauseReason, Status
from shared.store import Memory, PauseState, StoreStats, TaskCounts

MIB = 2**20
NONE = dict.fromkeys(Status, 0)
WELL = HealthSnapshot(
    provider="openai",
    pollers=1,
    closed=None,
    census=TaskCounts(NONE, overdue=0, spent=0, reserved=0, waiting=0),
    vitals=StoreStats(Memory(10 * MIB, None), due=0, lag=0),
    standing=ProviderHealth(20, 0, 300),
    budget=None,
)


def memory(used: int, maximum: int | None, budget: int | None = None) -> HealthSnapshot:
    """Megabytes."""
    limit = None if maximum is None else maximum * MIB
    own = None if budget is None else budget * MIB
    return replace(WELL, vitals=StoreStats(Memory(used * MIB, limit), 0, 0), budget=own)


def standing(*figures: Any) -> HealthSnapshot:
    return replace(WELL, standing=ProviderHealth(*figures))


def late(*, lag: int = 0, overdue: int = 0, in_progress: int = 0) -> HealthSnapshot:
    tasks = NONE | {Status.IN_PROGRESS: in_progress}
    census = replace(WELL.census, tasks=tasks, overdue=overdue)
    return replace(WELL, vitals=StoreStats(None, due=1, lag=lag), census=census)


def starved(waiting: int) -> HealthSnapshot:
    return replace(WELL, census=replace(WELL.census, waiting=waiting))


def closed(reason: PauseReason) -> HealthSnapshot:
    return replace(WELL, closed=PauseState(reason, "The message of the gate.", 0, 0))


def ending(days_left: int) -> HealthSnapshot:
    return replace(WELL, shutdown=ModelShutdown("gpt-5-pro", date(2026, 12, 11), days_left))


def kinds(snapshot: HealthSnapshot) -> list[IssueKind]:
    return [issue.kind for issue in find_issues(snapshot)]


@pytest.mark.parametrize(
    ("snapshot", "kind", "words"),
    [
        (replace(WELL, pollers=0), IssueKind.NO_POLLER, "start one"),
        (closed(PauseReason.BAD_KEY), IssueKind.BAD_KEY, "The message of the gate."),
        (closed(PauseReason.QUOTA), IssueKind.QUOTA, "The message of the gate."),
        (closed(PauseReason.MODEL_RETIRED), IssueKind.MODEL_RETIRED, "The message of the gate."),
        (ending(30), IssueKind.MODEL_SHUTDOWN, "2026-12-11, in 30 days"),
        (starved(1), IssueKind.BUDGET, "wait for a daily budget"),
        (memory(80, 100), IssueKind.STORE_FILLING, "80 of 100 MiB"),
        (memory(100, 100), IssueKind.STORE_FULL, "100 of 100 MiB"),
        (memory(80, None, 100), IssueKind.STORE_FILLING, "80 of 100 MiB"),
        (memory(300, None, 100), IssueKind.STORE_FILLING, "300 of 100 MiB"),
        (
            standing(3, 2, 100, "HTTP 503"),
            IssueKind.PROVIDER_FAILING,
            "2 of the latest 3 calls to OpenAI failed (HTTP",
        ),
        (standing(3, 0, SLOW_MS + 1), IssueKind.PROVIDER_SLOW, "more than 5 s"),
        (replace(WELL, problems=["404", "no_reply"]), IssueKind.TASKS_WAITING, "(404, no_reply)"),
        (late(lag=OVERDUE_MS), IssueKind.OVERDUE, "2 minutes late: start more pollers."),
        (late(overdue=OVERDUE_MS), IssueKind.OVERDUE, "2 minutes late: start more pollers."),
        (late(lag=OVERDUE_MS, in_progress=1), IssueKind.OVERDUE, "only 10 minutes"),
    ],
)
def test_each_issue_is_named(snapshot: HealthSnapshot, kind: IssueKind, words: str) -> None:
    [issue] = find_issues(snapshot)
    assert issue.kind is kind
    assert words in issue.message


@pytest.mark.parametrize(
    "snapshot",
    [
        standing(3, 2, 100, "HTTP 503"),
        standing(3, 0, SLOW_MS + 1),
        replace(WELL, problems=["404"]),
    ],
)
def test_the_simulator_is_not_called_openai(snapshot: HealthSnapshot) -> None:
    [issue] = find_issues(replace(snapshot, provider="simulator"))
    assert "simulator" in issue.message
    assert "openai" not in issue.message.lower()


@pytest.mark.parametrize(
    "snapshot",
    [
        WELL,
        memory(10_000, None),
        memory(round(NEARLY_FULL * 100) - 1, 100),
        memory(90, 1000, 100),
        replace(WELL, vitals=StoreStats(None, 0, 0), budget=1),
        standing(2, 2, 60_000, "HTTP 503"),
        standing(20, 10, 100, "HTTP 503"),
        standing(20, 0, SLOW_MS),
        late(lag=OVERDUE_MS - 1, overdue=OVERDUE_MS - 1),
        ending(31),
    ],
    ids=[
        "well",
        "no limit is known",
        "room enough",
        "the server's own limit goes first",
        "the server does not tell",
        "too few calls to judge",
        "every other call is answered",
        "slow, but not too slow",
        "a little late",
        "the model has more than a month",
    ],
)
def test_what_is_no_issue(snapshot: HealthSnapshot) -> None:
    assert kinds(snapshot) == []


def test_causes_come_before_what_follows_from_them() -> None:
    snapshot = replace(
        late(lag=OVERDUE_MS),
        pollers=0,
        closed=PauseState(PauseReason.QUOTA, "No quota.", 0, 0),
    )
    assert kinds(snapshot) == [IssueKind.NO_POLLER, IssueKind.QUOTA, IssueKind.OVERDUE]


@pytest.mark.parametrize(
    ("snapshot", "begins"),
    [
        (WELL, "Tasks are accepted and processed."),
        (memory(80, 100), "Tasks are accepted and processed. Redis is filling up"),
        (replace(WELL, pollers=0), "Tasks are accepted and wait. No poller"),
        (starved(2), "Tasks are accepted and processed. Some tasks wait"),
        (memory(100, 100), "Redis is full"),
    ],
)
def test_detail_begins_with_whether_tasks_are_accepted(
    snapshot: HealthSnapshot, begins: str
) -> None:
    assert HealthReport(snapshot, find_issues(snapshot)).detail.startswith(begins)
