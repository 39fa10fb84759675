"""The audit finds every breach: a good run passes, and each way of breaking it is told."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.aof_history import History
from tests.chaos.audit import ambiguous, breaches, explanation
from tests.chaos.journal import Evidence, Hold, Injection
from tests.chaos.plan import API_KILLED, POLLER_FROZEN, POLLER_KILLED, PROVIDER_KILLED

DONE = ["queued", "submitting", "in_progress", "completed"]
DOUBT = ["queued", "submitting", "unconfirmed"]


def post(task_id: str, status: int | str = 200, fault: str | None = None) -> dict[str, Any]:
    response_id = f"resp_{task_id}" if status == 200 else None
    metadata = {"task_id": task_id}
    return {"metadata": metadata, "status": status, "fault": fault, "response_id": response_id}


def kill(at: float = 11, victim: str = "poller-1", kind: str = POLLER_KILLED) -> Injection:
    return Injection(kind, at, at, victim, fired=True, under_way=30, posting=2)


def task(status: str, response_id: str | None = None) -> dict[str, Any]:
    return {"status": status, "response_id": response_id, "error": None}


GOOD = Evidence(
    planned={POLLER_KILLED: 2, "create: accept_then_drop": 1},
    wanted=4,
    accepted=["a", "b", "c", "d"],
    tasks={
        "a": task("completed", "resp_a"),
        "b": task("unconfirmed"),
        "c": task("unconfirmed"),
    },
    kept={"a": b"{}"},
    theirs={"resp_a": b"{}"},
    ledger=[
        *(post("a", 429, "rate_limited"), post("a"), post("d")),
        post("b", "dropped", "accept_then_drop"),
    ],
    seen={"a": ["queued", "in_progress"], "b": ["unconfirmed"]},
    history={"a": History(DONE), "b": History(DOUBT), "c": History(DOUBT)},
    provider_faults=[{"operation": "create", "kind": "accept_then_drop", "fired": 1}],
    injections=[kill(), kill(at=50)],
    holds=[Hold("c", "poller-1", 10, None)],
    deleted={"d": {"provider": {"outcome": "deleted"}, "theirs": b"resp_d not found"}},
)


def test_a_run_that_kept_the_promise_has_no_breach() -> None:
    assert breaches(GOOD) == []


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ({"accepted": ["a", "b"]}, "4 tasks handed in, 2 accepted"),
        ({"accepted": ["a", "b", "d", "x"]}, "lost: x was accepted and has no record"),
        ({"accepted": ["a", "b", "d", "x"]}, "a record that nobody handed in: c"),
        ({"deleted": {}}, "lost: d was accepted and has no record"),
        ({"deleted": {}}, "paid for nobody: d"),
        ({"deleted": {"d": {"deletion": {}}}}, "d was to be deleted, and is not"),
        ({"tasks": GOOD.tasks | {"d": task("completed")}}, "d was to be deleted, and is not"),
        (
            {"deleted": {"d": GOOD.deleted["d"] | {"theirs": b"{}"}}},  # type: ignore[operator]  # -- a dict
            "d was deleted here, and is there still",
        ),
        ({"tasks": GOOD.tasks | {"b": task("in_progress")}}, "lost: b is still in_progress"),
        ({"tasks": GOOD.tasks | {"b": task("submitting")}}, "lost: b is still submitting"),
        ({"tasks": GOOD.tasks | {"b": task("failed")}}, "lost: b ended failed (None), unasked"),
        ({"ledger": [*GOOD.ledger, post("a")]}, "paid twice: a was POSTed 2 times"),
        ({"ledger": [*GOOD.ledger, post("b", 500)]}, "paid twice: b was POSTed 2 times"),
        ({"ledger": [*GOOD.ledger, post("b", 409)]}, "paid twice: b was POSTed 2 times"),
        ({"ledger": [*GOOD.ledger, post("x")]}, "paid for nobody: x"),
        ({"kept": {}}, "a is completed and has no answer"),
        ({"kept": {"a": b"{ }"}}, "the answer to a is not the provider's, byte for byte"),
        ({"theirs": {}}, "the answer to a is not the provider's, byte for byte"),
        (
            {"tasks": GOOD.tasks | {"a": task("completed", "resp_x")}},
            "a has the answer resp_x, but ['resp_a'] was paid for",
        ),
        ({"seen": {"a": ["failed", "completed"]}}, "a was shown as failed, later as completed"),
        ({"seen": {"a": ["completed", "in_progress"]}}, "a was shown as completed, later as"),
        (
            {"history": GOOD.history | {"a": History([*DONE, "failed", "completed"])}},
            "a went from completed to failed",
        ),
        (
            {
                "history": GOOD.history
                | {"b": History([*DOUBT[:2], "queued", "unconfirmed", *DOUBT])}
            },
            "b went from unconfirmed to queued",
        ),
        ({"history": {}}, "the log of a does not lead to completed"),
        ({"history": GOOD.history | {"a": History(DONE[:3])}}, "the log of a does not lead to"),
        ({"holds": []}, "unconfirmed without a reason: c"),
        ({"holds": [Hold("c", "poller-2", 10, None)]}, "unconfirmed without a reason: c"),
        ({"holds": [Hold("c", "poller-1", 10, 10.5)]}, "unconfirmed without a reason: c"),
        ({"holds": [Hold("c", "poller-1", 60, None)]}, "unconfirmed without a reason: c"),
        ({"ledger": GOOD.ledger[:3]}, "unconfirmed without a reason: b"),
        ({"injections": [kill()]}, f"of 2 planned, 1 fired: {POLLER_KILLED}"),
        ({"injections": [kill(), replace(kill(), fired=False)]}, "of 2 planned, 1 fired"),
        (
            {"provider_faults": [GOOD.provider_faults[0] | {"fired": 0}]},  # type: ignore[operator]  # -- a dict
            "of 1 planned, 0 fired: create: accept_then_drop",
        ),
        (
            {"injections": [kill(), replace(kill(), under_way=0)]},
            "a kill fell with 0 tasks under way",
        ),
        ({"unexpected": ["the API ended by itself"]}, "the API ended by itself"),
    ],
)
def test_each_breach_is_told(broken: Mapping[str, Any], told: str) -> None:
    assert [breach for breach in breaches(replace(GOOD, **broken)) if told in breach]


def test_there_are_never_as_many_doubts_as_faults_that_may_cause_one() -> None:
    quiet = replace(GOOD, injections=[kill()], planned={})
    assert ambiguous(quiet) == 2
    assert breaches(quiet) == ["2 unconfirmed, with 2 ambiguous faults"]


@pytest.mark.parametrize(
    ("injection", "explained"),
    [
        (kill(kind=POLLER_FROZEN), True),
        (kill(kind=PROVIDER_KILLED, victim="simulator"), True),
        (kill(kind=API_KILLED), False),
        (kill(at=9), False),
        (kill(victim="poller-2"), False),
    ],
)
def test_only_a_blow_that_met_the_submission_explains_a_doubt(
    injection: Injection, *, explained: bool
) -> None:
    assert (explanation(replace(GOOD, injections=[injection]), "c") is not None) == explained


@pytest.mark.parametrize(
    ("code", "status", "told"),
    [
        ("not_taken", 429, []),
        ("not_taken", 200, ["lost: b ended failed"]),
        ("too_long", 429, ["lost: b ended failed"]),
    ],
)
def test_a_task_may_say_that_the_provider_refused_it_only_if_it_did(
    code: str, status: int, told: list[str]
) -> None:
    failed = task("failed") | {"error": {"code": code}}
    run = replace(
        GOOD,
        tasks=GOOD.tasks | {"b": failed},
        ledger=[*GOOD.ledger[:3], post("b", status)],
        history=GOOD.history | {"b": History([*DOUBT, "failed"])},
        seen={},
    )
    lost = [breach for breach in breaches(run) if breach.startswith("lost")]
    assert [breach[: len("lost: b ended failed")] for breach in lost] == told
