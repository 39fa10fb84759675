"""What is wrong follows from how things stand: the cause first, each with its remedy."""

from dataclasses import replace
from typing import Any

import pytest

from services.api.health.checks import (
    NEARLY_FULL,
    OVERDUE,
    SLOW,
    Condition,
    Diagnosis,
    Kind,
    troubles,
)
from shared.domain.provider_health import ProviderHealth
from shared.domain.states import PauseReason, Status
from shared.store import Memory, PauseState, StoreStats, TaskCounts

MIB = 2**20
NONE = dict.fromkeys(Status, 0)
WELL = Condition(
    pollers=1,
    closed=None,
    census=TaskCounts(NONE, overdue=0, spent=0, reserved=0, waiting=0),
    vitals=StoreStats(Memory(10 * MIB, None), due=0, lag=0),
    standing=ProviderHealth(20, 0, 300),
    budget=None,
)


def memory(used: int, maximum: int | None, budget: int | None = None) -> Condition:
    """Megabytes."""
    limit = None if maximum is None else maximum * MIB
    own = None if budget is None else budget * MIB
    return replace(WELL, vitals=StoreStats(Memory(used * MIB, limit), 0, 0), budget=own)


def standing(*figures: Any) -> Condition:
    return replace(WELL, standing=ProviderHealth(*figures))


def late(*, lag: int = 0, overdue: int = 0, in_progress: int = 0) -> Condition:
    tasks = NONE | {Status.IN_PROGRESS: in_progress}
    census = replace(WELL.census, tasks=tasks, overdue=overdue)
    return replace(WELL, vitals=StoreStats(None, due=1, lag=lag), census=census)


def starved(waiting: int) -> Condition:
    return replace(WELL, census=replace(WELL.census, waiting=waiting))


def closed(reason: PauseReason) -> Condition:
    return replace(WELL, closed=PauseState(reason, "The message of the gate.", 0, 0))


def kinds(condition: Condition) -> list[Kind]:
    return [trouble.kind for trouble in troubles(condition)]


@pytest.mark.parametrize(
    ("condition", "kind", "words"),
    [
        (replace(WELL, pollers=0), Kind.NO_POLLER, "start one"),
        (closed(PauseReason.BAD_KEY), Kind.BAD_KEY, "The message of the gate."),
        (closed(PauseReason.QUOTA), Kind.QUOTA, "The message of the gate."),
        (closed(PauseReason.MODEL_RETIRED), Kind.MODEL_RETIRED, "The message of the gate."),
        (starved(1), Kind.BUDGET, "wait for a day's budget"),
        (memory(80, 100), Kind.STORE_FILLING, "80 of 100 MiB"),
        (memory(100, 100), Kind.STORE_FULL, "100 of 100 MiB"),
        (memory(80, None, 100), Kind.STORE_FILLING, "80 of 100 MiB"),
        (memory(300, None, 100), Kind.STORE_FILLING, "300 of 100 MiB"),
        (standing(3, 2, 100, "HTTP 503"), Kind.PROVIDER_FAILING, "2 of the latest 3 calls (HTTP"),
        (standing(3, 0, SLOW + 1), Kind.PROVIDER_SLOW, "more than 5 s"),
        (late(lag=OVERDUE), Kind.OVERDUE, "2 minutes late."),
        (late(overdue=OVERDUE), Kind.OVERDUE, "2 minutes late."),
        (late(lag=OVERDUE, in_progress=1), Kind.OVERDUE, "only 10 minutes"),
    ],
)
def test_each_trouble_is_named(condition: Condition, kind: Kind, words: str) -> None:
    [trouble] = troubles(condition)
    assert trouble.kind is kind
    assert words in trouble.message


@pytest.mark.parametrize(
    "condition",
    [
        WELL,
        memory(10_000, None),
        memory(round(NEARLY_FULL * 100) - 1, 100),
        memory(90, 1000, 100),
        replace(WELL, vitals=StoreStats(None, 0, 0), budget=1),
        standing(2, 2, 60_000, "HTTP 503"),
        standing(20, 10, 100, "HTTP 503"),
        standing(20, 0, SLOW),
        late(lag=OVERDUE - 1, overdue=OVERDUE - 1),
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
    ],
)
def test_what_is_no_trouble(condition: Condition) -> None:
    assert kinds(condition) == []


def test_causes_come_before_what_follows_from_them() -> None:
    condition = replace(
        late(lag=OVERDUE),
        pollers=0,
        closed=PauseState(PauseReason.QUOTA, "No quota.", 0, 0),
    )
    assert kinds(condition) == [Kind.NO_POLLER, Kind.QUOTA, Kind.OVERDUE]


@pytest.mark.parametrize(
    ("condition", "begins"),
    [
        (WELL, "Tasks are taken and worked on."),
        (memory(80, 100), "Tasks are taken and worked on. The store fills up"),
        (replace(WELL, pollers=0), "Tasks are taken and wait. No poller"),
        (starved(2), "Tasks are taken and worked on. Some tasks wait"),
        (memory(100, 100), "The store is full"),
    ],
)
def test_the_sentence_says_first_whether_tasks_are_taken(condition: Condition, begins: str) -> None:
    assert Diagnosis(condition, troubles(condition)).detail.startswith(begins)
