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
def test_only_our_own_end_has_one(status: Status) -> None:
    assert (
        receipt(tasks.snapshot(status, response_id="resp_1", provider_status="cancelled")) is None
    )


@pytest.mark.parametrize(
    ("fields", "sent", "stop", "settled", "message"),
    [
        pytest.param(
            {"ended_from": Status.QUEUED},
            *("no", "not_needed", True),
            "OpenAI never had it, so it cost nothing.",
            id="never sent",
        ),
        pytest.param(
            {"ended_from": Status.SUBMITTING},
            *("unknown", "pending", False),
            "It was being sent. Should OpenAI have it, it is asked to stop.",
            id="being sent",
        ),
        pytest.param(
            {"ended_from": Status.UNCONFIRMED},
            *("unknown", "not_done", True),
            "Whether OpenAI has it is not known. An answer, if there is one, stays there, and its"
            " cost with you.",
            id="in doubt",
        ),
        pytest.param(
            {"ended_from": Status.UNCONFIRMED, "estimated_cost": 2_000_000},
            *("unknown", "not_done", True),
            "Whether OpenAI has it is not known. An answer, if there is one, stays there, and its"
            " cost with you. The budget counts $2.00 for it.",
            id="in doubt, estimated",
        ),
        pytest.param(
            RUNNING | {"provider_status": "cancelled", "estimated_cost": 2_000_000},
            *("yes", "done", True),
            "OpenAI has stopped it; what it cost is not known; the budget counts $2.00.",
            id="stopped, estimated",
        ),
        pytest.param(
            WATCHED | {"cancel_pending": 1},
            *("yes", "pending", False),
            "OpenAI is asked to stop; its last word was “in_progress”. What it used until then may"
            " be charged; the cost is shown here once it is known.",
            id="not heard yet",
        ),
        pytest.param(
            WATCHED | {"provider_status": None},
            *("yes", "done", False),
            "OpenAI is asked to stop. What it used until then may be charged; the cost is shown"
            " here once it is known.",
            id="heard",
        ),
        pytest.param(
            WATCHED | {"provider_status": "cancelled"},
            *("yes", "done", False),
            "OpenAI has stopped it. Backburner keeps looking for a while, in case it is finished"
            " all the same.",
            id="stopped",
        ),
        pytest.param(
            RUNNING | {"provider_status": "cancelled", "cost": 1_428_900},
            *("yes", "done", True),
            "OpenAI has stopped it; it cost $1.43.",
            id="stopped for good",
        ),
        pytest.param(
            RUNNING | {"provider_status": "completed", "cost": 135},
            *("yes", "done", True),
            "OpenAI finished it all the same; it cost $0.0001.",
            id="completed",
        ),
        pytest.param(
            RUNNING | {"provider_status": "incomplete"},
            *("yes", "done", True),
            "OpenAI finished it all the same; what it cost is not known.",
            id="incomplete",
        ),
        pytest.param(
            RUNNING | {"provider_status": "failed", "cost": 0},
            *("yes", "done", True),
            "OpenAI ended it as failed; it cost $0.00.",
            id="failed",
        ),
        pytest.param(
            RUNNING | {"provider_status": "in_progress"},
            *("yes", "done", True),
            "How OpenAI ended it is not known; its last word was “in_progress”; what it cost is not"
            " known.",
            id="lost sight of",
        ),
        pytest.param(
            RUNNING | {"provider_status": "in_progress", "cancel_pending": 1},
            *("yes", "not_done", True),
            "It could not be stopped at OpenAI; its last word was “in_progress”; what it cost is"
            " not known.",
            id="never heard",
        ),
        pytest.param(
            RUNNING | {"cancel_pending": 1, "deletion_requested_at": 1},
            *("yes", "pending", False),
            "OpenAI is asked to stop. What it used until then may be charged; the cost is shown"
            " here once it is known.",
            id="being deleted",
        ),
    ],
)
def test_each_end_is_told_as_far_as_it_is_known(
    fields: dict[str, Any], sent: str, stop: str, message: str, *, settled: bool
) -> None:
    found = of(**fields)
    assert (found["sent"], found["cancellation"], found["settled"]) == (sent, stop, settled)
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
def test_the_simulator_is_never_called_openai_and_costs_nothing(fields: dict[str, Any]) -> None:
    message = of(provider="simulator", **fields)["message"]
    assert "OpenAI" not in message
    assert "imulator" in message
    assert "charged" not in message
    if "cost" in message:
        assert "it cost nothing (the real model: about $1.43)" in message


def test_what_broke_workers_down_was_not_stopped_at_the_provider() -> None:
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


def test_a_stop_that_nobody_heard_is_not_called_done_when_watching_ends() -> None:
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


def left(outcome: DeletionOutcome, **fields: Any) -> str:
    given = {"attempts": 0, "cost_unknown": False, "provider": "openai"} | fields
    return deletion_message(
        Tombstone(id="task_1", outcome=outcome, requested_at=0, deleted_at=0, until=0, **given)
    )


def test_what_became_of_a_deleted_task_there_is_told() -> None:
    assert (
        left(DeletionOutcome.DELETED)
        == "It was deleted at OpenAI, which says that it has it no more."
    )
    assert left(DeletionOutcome.ALREADY_GONE) == "OpenAI says that it has it no more."
    assert left(DeletionOutcome.NEVER_SENT) == "OpenAI never had it."
    assert left(DeletionOutcome.NEVER_SENT, provider="simulator") == "The simulator never had it."


def test_who_came_second_may_have_been_first() -> None:
    assert "An earlier attempt" in left(DeletionOutcome.ALREADY_GONE, attempts=1)
    assert "An earlier attempt" not in left(DeletionOutcome.DELETED, attempts=1)


def test_a_cost_that_will_never_be_known_is_named() -> None:
    for outcome in (DeletionOutcome.DELETED, DeletionOutcome.ALREADY_GONE):
        assert left(outcome, cost_unknown=True).endswith("What it cost is not known.")


def test_what_may_still_be_there_can_be_found_by_two_names() -> None:
    message = left(DeletionOutcome.UNKNOWN, client_request_id="task_1-1", cost_unknown=True)
    assert "metadata.task_id task_1 and X-Client-Request-Id task_1-1" in message
    assert "nothing could be deleted" in message
