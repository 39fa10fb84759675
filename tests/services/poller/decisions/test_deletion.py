"""What each reply to a deletion means: only the provider's own word settles its side."""

import re
from dataclasses import replace
from typing import Any

import pytest

from services.poller.decisions.deletion import (
    STILL_SENDING,
    STILL_THERE,
    Remove,
    TryAgain,
    decide_before_deletion,
    decide_cancel,
    decide_deletion,
    decide_verification,
    decide_without_id,
)
from services.poller.results import BodyTooLarge, CallResult, ConnectFailed, NoReply, Reply
from shared.domain import tombstone
from shared.domain.changes import SENDER_GRACE_MS
from shared.domain.states import Status
from tests.services.poller.scripted_provider import refused, reply, response
from tests.shared import tasks

NOW = 1_765_339_742_000
TASK = tasks.snapshot(Status.COMPLETED, response_id="resp_1", deletion_requested_at=NOW)
DELETED = Remove(tombstone.DeletionOutcome.DELETED)
SAID_DELETED = replace(DELETED, acknowledged=True)
NAMED = [
    reply(404, {"detail": "Response resp_1 not found"}),
    reply(404, {"error": "resp_1: no such response"}),
    reply(404, {"error": {"message": "Response with id 'resp_1' not found.", "code": 404}}),
]
BARE = [
    reply(404, b"<html>"),
    reply(404, b""),
    reply(404, {"detail": "Not Found"}),
    reply(404, {"error": {"message": "Invalid URL (GET /responses/resp_1)", "type": "a_type"}}),
]
ALREADY_GONE = Remove(tombstone.DeletionOutcome.ALREADY_GONE)

IN_VAIN: list[Any] = [
    pytest.param(ConnectFailed("ConnectError"), "does not answer (ConnectError)", id="unsent"),
    pytest.param(NoReply("ReadTimeout"), "does not answer (ReadTimeout)", id="lost"),
    pytest.param(BodyTooLarge(5), "longer than 5 bytes", id="too large"),
    *(
        pytest.param(refused(status), f"answered {status}: A message.", id=str(status))
        for status in (401, 403, 408, 429, 500, 503)
    ),
    pytest.param(reply(502, b"<html>"), "answered 502.", id="a proxy's"),
]


@pytest.mark.parametrize(
    ("ended_from", "status", "outcome"),
    [
        (Status.QUEUED, Status.CANCELLED, tombstone.DeletionOutcome.NEVER_SENT),
        (None, Status.FAILED, tombstone.DeletionOutcome.NEVER_SENT),
        (Status.UNCONFIRMED, Status.FAILED, tombstone.DeletionOutcome.UNKNOWN),
        (Status.UNCONFIRMED, Status.CANCELLED, tombstone.DeletionOutcome.UNKNOWN),
    ],
    ids=["never sent", "refused", "given up", "cancelled in doubt"],
)
def test_a_task_without_a_response_id_is_removed_with_what_is_known_of_it(
    ended_from: Status | None, status: Status, outcome: tombstone.DeletionOutcome
) -> None:
    task = tasks.snapshot(status, ended_from=ended_from, completed_at=NOW)
    assert decide_without_id(task, NOW) == Remove(outcome)


def test_a_task_that_is_being_sent_waits_until_its_sender_must_have_ended() -> None:
    task = tasks.snapshot(Status.CANCELLED, ended_from=Status.SUBMITTING, completed_at=NOW)
    assert decide_without_id(task, NOW + 1_000) == TryAgain(
        SENDER_GRACE_MS - 1_000, STILL_SENDING, "being_sent"
    )
    late = decide_without_id(task, NOW - 10**6)
    assert late == TryAgain(SENDER_GRACE_MS, STILL_SENDING, "being_sent")
    unknown = Remove(tombstone.DeletionOutcome.UNKNOWN)
    assert decide_without_id(task, NOW + SENDER_GRACE_MS) == unknown


@pytest.mark.parametrize(
    "outcome", [response("cancelled"), response("completed"), *map(refused, (400, 404, 409))]
)
def test_an_acknowledged_cancel_is_followed_by_the_deletion(outcome: CallResult) -> None:
    assert decide_cancel(outcome, TASK, NOW) is None


@pytest.mark.parametrize(("outcome", "problem"), IN_VAIN)
def test_a_failed_call_is_repeated_and_records_the_problem(
    outcome: CallResult, problem: str
) -> None:
    verdicts = [decide_cancel(outcome, TASK, NOW), decide_deletion(outcome, TASK, NOW, "0001")]
    if not isinstance(outcome, BodyTooLarge):
        verdicts.append(decide_verification(outcome, DELETED, TASK, NOW))
    for decision in verdicts:
        assert isinstance(decision, TryAgain)
        assert problem in decision.problem
        assert decision.after == 2_000
        assert re.fullmatch(r"\w+", decision.reason, re.ASCII)


@pytest.mark.parametrize(
    ("outcome", "removal"),
    [
        (reply(200, {"id": "resp_1", "deleted": True}), SAID_DELETED),
        (reply(204, b""), SAID_DELETED),
        (reply(200, b"<html>"), DELETED),
        (refused(404), ALREADY_GONE),
        *((missing, ALREADY_GONE) for missing in NAMED),
    ],
    ids=lambda value: f"{value.status} {value.body!r}" if isinstance(value, Reply) else "",
)
def test_a_deletion_that_the_provider_reports_is_verified(
    outcome: CallResult, removal: Remove
) -> None:
    assert decide_deletion(outcome, TASK, NOW, "0001") == removal
    assert decide_verification(refused(404), removal, TASK, NOW) == removal


def test_a_404_to_another_account_does_not_say_that_the_response_is_gone() -> None:
    for seen_by, outcome in (
        ("0001", ALREADY_GONE.outcome),
        ("0002", tombstone.DeletionOutcome.UNKNOWN),
    ):
        task = replace(TASK, account_id=seen_by)
        assert decide_deletion(refused(404), task, NOW, "0001") == Remove(outcome)


@pytest.mark.parametrize("missing", [*BARE, *NAMED])
def test_after_the_providers_word_that_it_deleted_the_response_any_404_confirms_it(
    missing: Reply,
) -> None:
    assert decide_verification(missing, SAID_DELETED, TASK, NOW) == SAID_DELETED
    later = replace(TASK, deletion_acknowledged=1)
    assert decide_before_deletion(missing, later, NOW) == DELETED
    assert decide_before_deletion(missing, TASK, NOW) is None


def test_the_providers_word_is_kept_while_it_is_not_verified() -> None:
    again = decide_verification(refused(500), SAID_DELETED, TASK, NOW)
    assert isinstance(again, TryAgain)
    assert again.acknowledged
    again = decide_verification(reply(404, b"<html>"), DELETED, TASK, NOW)
    assert isinstance(again, TryAgain)
    assert not again.acknowledged


@pytest.mark.parametrize("outcome", [*BARE, refused(400), refused(409)], ids=str)
def test_any_other_reply_is_no_deletion(outcome: CallResult) -> None:
    assert isinstance(decide_deletion(outcome, TASK, NOW, "0001"), TryAgain)
    assert isinstance(decide_verification(outcome, DELETED, TASK, NOW), TryAgain)


@pytest.mark.parametrize("outcome", [response("completed"), response("cancelled"), BodyTooLarge(1)])
def test_a_response_that_can_still_be_read_is_not_deleted(outcome: CallResult) -> None:
    assert decide_verification(outcome, DELETED, TASK, NOW) == TryAgain(
        2_000, STILL_THERE, "still_there"
    )


@pytest.mark.parametrize(
    ("attempts", "after"), [(0, 2_000), (1, 4_000), (5, 64_000), (9, 600_000), (10**6, 600_000)]
)
def test_each_attempt_waits_longer_up_to_ten_minutes(attempts: int, after: int) -> None:
    task = tasks.snapshot(Status.COMPLETED, response_id="resp_1", deletion_attempts=attempts)
    for decision in (
        decide_deletion(NoReply("ReadTimeout"), task, NOW, "0001"),
        decide_verification(response("completed"), DELETED, task, NOW),
    ):
        assert isinstance(decision, TryAgain)
        assert decision.after == after


def test_a_longer_wait_that_the_provider_asks_for_is_kept() -> None:
    decision = decide_deletion(refused(429, retry_after="30"), TASK, NOW, "0001")
    assert isinstance(decision, TryAgain)
    assert decision.after == 30_000
