"""Waiting tells news at once, asks seldom, and outlasts every loss of the server."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from backburner import BackburnerError
from tests.clients.answers import TASK_ID, Script, ok, problem, task

DOWN = httpx.ConnectError("connection refused")
DONE = {"status": "completed", "output_text": "Because.", "version": 4}


def unchanged(etag: str = 'W/"3"') -> httpx.Response:
    return httpx.Response(304, headers={"ETag": etag})


def in_progress(**changes: object) -> httpx.Response:
    return ok(task(**changes), ETag=f'W/"{changes.get("version", 3)}"')


def completed() -> httpx.Response:
    return in_progress(**DONE)


def test_the_server_is_asked_to_answer_when_the_version_known_has_changed() -> None:
    script = Script([in_progress(), completed()])

    assert script.client().wait(TASK_ID).output_text == "Because."

    assert script.sent("If-None-Match") == [None, 'W/"3"']
    assert script.sent("Prefer") == [None, "wait=30"]
    assert script.requests[1].extensions["timeout"]["read"] > 30
    assert script.pauses == []


@pytest.mark.parametrize(("away", "seconds"), [(8.5, 10), (2, 5), (-40, 5), (300, 30)])
def test_it_asks_again_soon_after_the_provider_was_asked(away: float, seconds: int) -> None:
    now = datetime.now(UTC)
    due = (now + timedelta(seconds=away)).isoformat()
    script = Script([in_progress(next_poll_at=due), completed()])
    script.client().wait(TASK_ID)
    assert script.sent("Prefer")[1] == f"wait={seconds}"


def test_a_quiet_check_of_the_provider_is_news_for_who_watches() -> None:
    checked = in_progress(last_polled_at="2026-11-23T03:02:02Z", polls=2)
    script = Script([in_progress(polls=1), unchanged(), checked, completed()], takes=30)
    assert [each.polls for each in script.client().follow(TASK_ID)] == [1, 2, 0]
    assert script.pauses == []


def test_an_outage_of_an_hour_is_outlasted_and_told() -> None:
    outage = [DOWN] * 700 + [problem(503, "store-unavailable", retry_after=5)] * 10
    script = Script([in_progress(), *outage, completed()])
    assert script.client(retry_for=1).wait(TASK_ID).ended
    assert len(script.troubles) == 710
    assert script.clock > 1800


def test_an_outage_does_not_outlast_the_callers_timeout() -> None:
    script = Script([DOWN])
    with pytest.raises(BackburnerError) as caught:
        script.client().wait(TASK_ID, timeout=90)
    assert caught.value.kind == "unreachable"
    assert script.clock == 90


def test_after_the_timeout_the_task_is_returned_as_it_stands() -> None:
    script = Script([in_progress()], takes=0.5)
    assert script.client().wait(TASK_ID, timeout=12).status == "in_progress"
    assert 12 <= script.clock < 15
    assert script.sent("Prefer")[1] == "wait=12"


def test_a_task_that_is_deleted_meanwhile_ends_the_wait() -> None:
    script = Script([in_progress(), problem(410, "task-deleted", receipt={"id": TASK_ID})])
    with pytest.raises(BackburnerError) as caught:
        script.client().wait(TASK_ID)
    assert (caught.value.kind, caught.value.document["receipt"]) == (
        "task-deleted",
        {"id": TASK_ID},
    )


@pytest.mark.parametrize("etags", [True, False])
def test_a_server_that_does_not_wait_is_asked_every_five_seconds(*, etags: bool) -> None:
    unchanged = in_progress if etags else lambda: ok(task())
    script = Script([*[unchanged() for _ in range(7)], completed()])
    assert script.client().wait(TASK_ID).ended
    assert set(script.pauses) == {5}
    assert len(script.requests) == 8


@pytest.mark.parametrize(
    ("first", "requests"),
    [
        (DONE, 1),
        ({"status": "unconfirmed"}, 1),
        ({"status": "unconfirmed", "adopting": "resp_1"}, 2),
    ],
)
def test_only_a_task_that_needs_no_decision_is_waited_for(
    first: dict[str, object], requests: int
) -> None:
    script = Script([in_progress(**first), completed()])
    assert script.client().wait(TASK_ID).status in {"completed", "unconfirmed"}
    assert len(script.requests) == requests
