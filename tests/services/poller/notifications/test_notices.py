"""What a channel is told is decided by the task, the ledger and the time alone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.poller.notifications import notices
from services.poller.notifications.channels import WEEKDAYS, DigestTime, EventKind
from services.poller.notifications.notices import MAX_AGE_MS
from shared.domain.model_shutdown import ModelShutdown
from shared.domain.spending import INSTALLATION
from shared.domain.states import Status
from shared.store import Allowance, Today
from tests.services.poller.notifications.channels_example import channel
from tests.shared.tasks import snapshot

ALL = channel(events=list(EventKind))


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"status": Status.QUEUED}, None),
        ({"status": Status.SUBMITTING}, None),
        ({"status": Status.IN_PROGRESS}, None),
        ({"status": Status.UNCONFIRMED}, EventKind.UNCONFIRMED),
        ({"status": Status.COMPLETED, "answer_kind": "text"}, EventKind.COMPLETED),
        ({"status": Status.INCOMPLETE}, EventKind.INCOMPLETE),
        ({"status": Status.FAILED}, EventKind.FAILED),
        ({"status": Status.CANCELLED, "ended_from": Status.QUEUED}, EventKind.CANCELLED),
        (
            {"status": Status.CANCELLED, "ended_from": Status.IN_PROGRESS, "answer_kind": "text"},
            EventKind.LATE_ANSWER,
        ),
        (
            {"status": Status.CANCELLED, "ended_from": Status.IN_PROGRESS, "answer_kind": "empty"},
            EventKind.CANCELLED,
        ),
    ],
)
def test_each_end_is_an_event_and_a_task_under_way_is_none(
    fields: dict[str, Any], kind: EventKind | None
) -> None:
    found = notices.task_notice(snapshot(**fields), ALL)
    assert (found and found.kind) == kind
    assert (
        kind is None
        or notices.task_notice(snapshot(**fields), channel(events=["model_shutdown"])) is None
    )


def test_a_channel_of_some_owners_hears_of_no_other() -> None:
    own = channel(owners=["anna"])
    told = [
        notices.task_notice(snapshot(Status.COMPLETED, owner=name), own)
        for name in ("anna", "bo", None)
    ]
    assert [bool(each) for each in told] == [True, False, False]


def test_an_end_of_four_days_ago_is_too_old_but_a_decision_never_is() -> None:
    now = 10 * MAX_AGE_MS
    for age, expired in ((MAX_AGE_MS, False), (MAX_AGE_MS + 1, True)):
        ended = notices.task_notice(snapshot(Status.COMPLETED, completed_at=now - age), ALL)
        assert ended is not None
        assert notices.is_expired(ended, now) is expired
    open_ = notices.task_notice(snapshot(Status.UNCONFIRMED, created_at=1), ALL)
    assert open_ is not None
    assert not notices.is_expired(open_, now)


@pytest.mark.parametrize(
    ("spent", "reserved", "level"),
    [
        (3_900_000, 0, None),
        (4_000_000, 0, "near"),
        (1_000_000, 3_000_000, "near"),
        (4_600_000, 0, "full"),
    ],
)
def test_a_budget_is_told_at_80_percent_and_when_no_task_fits(
    spent: int, reserved: int, level: str | None
) -> None:
    today = Today({"anna": Allowance(5_000_000, spent, reserved), "bo": Allowance(None, 9, 9)}, 0)
    found = [each.key for each in notices.budget_notices(today, 500_000, ALL)]
    assert found == ([] if level is None else [f"budget:0:anna:{level}"])


def test_the_installations_budget_is_told_only_to_channels_of_all_owners() -> None:
    today = Today({name: Allowance(1, 1, 0) for name in (INSTALLATION, "anna", "bo")}, 0)
    own = channel(events=["budget_warning"], owners=["bo"])
    assert [each.scope for each in notices.budget_notices(today, 1, own)] == ["bo"]
    assert [each.scope for each in notices.budget_notices(today, 1, ALL)] == ["*", "anna", "bo"]


@pytest.mark.parametrize(
    ("left", "step"), [(31, None), (30, 30), (8, 30), (7, 7), (1, 1), (0, 0), (-3, 0)]
)
def test_the_end_of_the_model_is_announced_four_times(left: int, step: int | None) -> None:
    day = datetime(2026, 12, 1, tzinfo=UTC).date()
    found = notices.shutdown_notice(ModelShutdown("m", day, left))
    assert (found and found.key) == (None if step is None else f"shutdown:m:2026-12-01:{step}")


def test_the_digest_is_due_on_its_weekday_from_its_hour_on_for_a_day() -> None:
    monday = datetime(2026, 11, 30, 7, tzinfo=UTC).timestamp() * 1000
    hour = 3_600_000
    due = [
        notices.digest_notice(int(monday + shift * hour), DigestTime(weekday="monday", hour=7))
        for shift in (-1, 0, 23, 25, 168)
    ]
    assert [each and each.key for each in due] == [
        None,
        "digest:20787",
        "digest:20787",
        None,
        "digest:20794",
    ]
    assert due[1] is not None
    assert due[1].until == 20786
    assert WEEKDAYS[datetime(2026, 11, 30, tzinfo=UTC).weekday()] == "monday"
