"""A receipt tells programs and people the same story of an end that was ours, and no other."""

from typing import Any

import pytest

from shared.domain.changes import Change, TaskResult, attach_answer, poison
from shared.domain.states import Status
from shared.domain.tombstone import DeletionOutcome, Tombstone
from shared.presentation.receipts import deletion_message, receipt
from tests.shared import tasks

RUNNING = {"response_id": "resp_1", "ended_from": Status.IN_PROGRESS, "completed_at": 1}
WATCHED = RUNNING | {"watch_until": 2, "provider_status": "in_progress"}


def of(status: Status = Status.CANCELLED, **fields: Any) -> dict[str, Any]:
    found = receipt(tasks.snapshot(status, **fields))
    assert found is not None
    return found


@pytest.mark.parametrize("status", list(Status))
def test_only_an_end_that_backburner_chose_has_a_receipt(status: Status) -> None:
    assert (
        receipt(tasks.snapshot(status, response_id="resp_1", provider_status="cancelled")) is None
    )


DONE = ("yes", "done", True)
PENDING = ("yes", "pending", False)
IN_DOUBT = (
    "Whether OpenAI has it is not known. An answer, if there is one, stays there, and its cost"
    " with you."
)
COST_FOLLOWS = " What it used until then may be charged; the cost is shown here once it is known."
LAST_WORD = "; its last word was “in_progress”; what it cost is not known."
STILL_WATCHED = " Backburner keeps looking for a while, in case it is finished all the same."

ENDS = {
    "never sent": (
        {"ended_from": Status.QUEUED},
        ("no", "not_needed", True),
        "OpenAI never had it, so it cost nothing.",
    ),
    "being sent": (
        {"ended_from": Status.SUBMITTING},
        ("unknown", "pending", False),
        "It was being sent. Should OpenAI have it, it is asked to stop.",
    ),
    "in doubt": ({"ended_from": Status.UNCONFIRMED}, ("unknown", "not_done", True), IN_DOUBT),
    "in doubt, estimated": (
        {"ended_from": Status.UNCONFIRMED, "estimated_cost": 2_000_000},
        ("unknown", "not_done", True),
        IN_DOUBT + " The budget counts $2.00 for it.",
    ),
    "stopped, estimated": (
        RUNNING | {"provider_status": "cancelled", "estimated_cost": 2_000_000},
        DONE,
        "OpenAI has stopped it; what it cost is not known; the budget counts $2.00.",
    ),
    "nothing there to stop": (
        RUNNING | {"provider_status": "in_progress", "cancel_missed": 1},
        ("yes", "not_done", True),
        "OpenAI says that it does not have it, so nothing was stopped; what it cost is not known.",
    ),
    "nothing there to stop, watched": (
        WATCHED | {"cancel_missed": 1},
        ("yes", "not_done", False),
        "OpenAI says that it does not have it, so nothing was stopped; what it cost is not known.",
    ),
    "not heard yet": (
        WATCHED | {"cancel_pending": 1},
        PENDING,
        "OpenAI is asked to stop; its last word was “in_progress”." + COST_FOLLOWS,
    ),
    "heard": (
        WATCHED | {"provider_status": None},
        ("yes", "done", False),
        "OpenAI is asked to stop." + COST_FOLLOWS,
    ),
    "stopped": (
        WATCHED | {"provider_status": "cancelled"},
        ("yes", "done", False),
        "OpenAI has stopped it." + STILL_WATCHED,
    ),
    "stopped for good": (
        RUNNING | {"provider_status": "cancelled", "cost": 1_428_900},
        DONE,
        "OpenAI has stopped it; it cost $1.43.",
    ),
    "completed": (
        RUNNING | {"provider_status": "completed", "cost": 135},
        DONE,
        "OpenAI finished it all the same; it cost $0.0001.",
    ),
    "incomplete": (
        RUNNING | {"provider_status": "incomplete"},
        DONE,
        "OpenAI finished it all the same; what it cost is not known.",
    ),
    "failed": (
        RUNNING | {"provider_status": "failed", "cost": 0},
        DONE,
        "OpenAI ended it as failed; it cost $0.00.",
    ),
    "lost sight of": (
        RUNNING | {"provider_status": "in_progress"},
        DONE,
        "How OpenAI ended it is not known" + LAST_WORD,
    ),
    "never heard": (
        RUNNING | {"provider_status": "in_progress", "cancel_pending": 1},
        ("yes", "not_done", True),
        "It could not be stopped at OpenAI" + LAST_WORD,
    ),
    "being deleted": (
        RUNNING | {"cancel_pending": 1, "deletion_requested_at": 1},
        PENDING,
        "OpenAI is asked to stop." + COST_FOLLOWS,
    ),
}


@pytest.mark.parametrize(("fields", "known", "message"), ENDS.values(), ids=ENDS)
def test_a_receipt_says_what_is_known_of_each_end(
    fields: dict[str, Any], known: tuple[str, str, bool], message: str
) -> None:
    found = of(**fields)
    assert (found["sent"], found["cancellation"], found["settled"]) == known
    assert found["message"] == message
    assert found["provider_status"] == fields.get("provider_status")
    assert found["cost_usd"] == (fields["cost"] / 1e6 if "cost" in fields else None)


@pytest.mark.parametrize(
    "fields",
    [
        {"ended_from": Status.UNCONFIRMED},
        WATCHED,
        WATCHED | {"cancel_pending": 1},
        RUNNING | {"provider_status": "completed", "cost": 1_428_900},
    ],
)
def test_a_receipt_of_the_simulator_names_it_and_no_charge(fields: dict[str, Any]) -> None:
    message = of(provider="simulator", **fields)["message"]
    assert "OpenAI" not in message
    assert "imulator" in message
    assert "charged" not in message
    if "cost" in message:
        assert "it cost nothing (the real model: about $1.43)" in message


def test_a_poisoned_task_was_not_cancelled_at_the_provider() -> None:
    running = tasks.snapshot(
        Status.IN_PROGRESS, response_id="resp_1", provider_status="in_progress"
    )
    put: dict[str, Any] = dict(poison(running, "It broke down.").set_fields)
    kept = {name: put[name] for name in ("ended_from", "cancel_pending", "provider_status")}
    found = of(Status.FAILED, response_id="resp_1", **kept)
    assert (found["sent"], found["cancellation"], found["settled"]) == ("yes", "not_done", True)
    assert "could not be stopped" in found["message"]
    waiting: dict[str, Any] = dict(poison(tasks.snapshot(), "It broke down.").set_fields)
    assert of(Status.FAILED, ended_from=waiting["ended_from"])["sent"] == "no"


def test_a_cancel_that_was_never_acknowledged_is_not_done_when_watching_ends() -> None:
    watched = tasks.snapshot(Status.CANCELLED, **WATCHED, cancel_pending=1)

    def stop(change: Change) -> str:
        kept = {
            name: change.set_fields.get(name, getattr(watched, name))
            for name in ("cancel_pending",)
        }
        return of(**RUNNING, **kept)["cancellation"]

    assert stop(attach_answer(watched, TaskResult(Status.CANCELLED))) == "not_done"
    done = TaskResult(Status.CANCELLED, provider_status="completed")
    assert stop(attach_answer(watched, done)) == "done"


DELETED, ALREADY_GONE = DeletionOutcome.DELETED, DeletionOutcome.ALREADY_GONE
NEVER_SENT, UNKNOWN = DeletionOutcome.NEVER_SENT, DeletionOutcome.UNKNOWN


def left(outcome: DeletionOutcome, **fields: Any) -> str:
    given = {"attempts": 0, "cost_unknown": False, "provider": "openai"} | fields
    return deletion_message(
        Tombstone(id="task_1", outcome=outcome, requested_at=0, deleted_at=0, until=0, **given)
    )


@pytest.mark.parametrize(
    ("outcome", "fields", "message"),
    [
        (DELETED, {}, "It was deleted at OpenAI, which says that it has it no more."),
        (ALREADY_GONE, {}, "OpenAI says that it has it no more."),
        (NEVER_SENT, {}, "OpenAI never had it."),
        (NEVER_SENT, {"provider": "simulator"}, "The simulator never had it."),
    ],
)
def test_a_deletion_receipt_says_what_became_of_the_response(
    outcome: DeletionOutcome, fields: dict[str, Any], message: str
) -> None:
    assert left(outcome, **fields) == message
    unpriced = left(outcome, **fields, cost_unknown=True)
    assert unpriced.endswith("What it cost is not known.") or outcome is NEVER_SENT
    assert ("An earlier attempt" in left(outcome, **fields, attempts=1)) is (
        outcome is ALREADY_GONE
    )


def test_a_response_of_unknown_fate_can_be_found_by_two_ids() -> None:
    message = left(UNKNOWN, client_request_id="task_1-1", cost_unknown=True)
    assert "metadata.task_id task_1 and X-Client-Request-Id task_1-1" in message
    assert "nothing could be deleted" in message
