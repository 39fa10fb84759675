"""A poll ends a task only by the provider's word, its silence about the id, or our deadline."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.poller.decisions.ownership import cancel_acknowledged, reply_problem
from services.poller.decisions.poll import (
    UNREACHABLE_GRACE_MS,
    CancelAtProvider,
    Decision,
    Finish,
    GiveUp,
    PollAgain,
    all_missing,
    decide_after_cancel,
    decide_cancel,
    decide_poll,
)
from services.poller.decisions.poll_policy import PollPolicy
from services.poller.results import BodyTooLarge, CallResult, ConnectFailed, NoReply, Reply
from shared.domain.changes import TaskResult
from shared.domain.states import Status
from tests.services.poller.scripted_provider import POLICY, refused, reply, response
from tests.shared import tasks

SAMPLE = Path(__file__).parents[3] / "shared" / "openai" / "sample_response.json"
START = 1_765_339_742_000
OVER = START + POLICY.deadline_ms + 1
BLIND_OVER = OVER + UNREACHABLE_GRACE_MS
BLIND: list[Any] = [
    pytest.param(NoReply("ReadTimeout"), id="no answer"),
    pytest.param(ConnectFailed("ConnectError"), id="no connection"),
    *(pytest.param(refused(status), id=str(status)) for status in (301, 400, 401, 403, 409, 500)),
    pytest.param(reply(200, b"{"), id="broken JSON"),
    pytest.param(reply(200, []), id="no object"),
    pytest.param(reply(200, {"id": "resp_2", "status": "completed"}), id="another response"),
    pytest.param(response("completed", metadata={"task_id": "task_2"}), id="another task's"),
    pytest.param(
        reply(200, {"id": "resp_2", "status": "cancelled", "metadata": {"task_id": "task_2"}}),
        id="another task's response",
    ),
    pytest.param(reply(200, {"status": "completed"}), id="no id"),
    pytest.param(reply(202, {"id": "resp_1", "status": "completed"}), id="202"),
]


def decide(result: CallResult, now: int = START + 1_000, **fields: Any) -> Decision:
    given = {"response_id": "resp_1", "submitted_at": START, "provider_status": "queued"}
    return decide_poll(result, tasks.snapshot(Status.IN_PROGRESS, **given | fields), now, POLICY)


def code(decision: Decision) -> str:
    assert isinstance(decision, GiveUp)
    return decision.code


def ending(decision: Decision) -> TaskResult:
    assert isinstance(decision, Finish)
    return decision.ending


def test_the_sample_ends_with_its_bytes_its_usage_and_its_price() -> None:
    body = SAMPLE.read_bytes()
    decision = decide(
        reply(200, body), response_id="resp_0389930dd33170b8006938f25e984881909af1e929f2af0625"
    )
    end = ending(decision)
    assert (end.status, end.error_code, end.cost) == (Status.COMPLETED, None, 1_428_900)
    assert end.response == body
    assert end.usage is not None
    assert b'"total_tokens":39022' in end.usage


@pytest.mark.parametrize(
    ("result", "status", "code", "message"),
    [
        (response("completed", output=[]), "completed", None, None),
        (response("cancelled"), "cancelled", None, None),
        (
            response("incomplete", incomplete_details={"reason": "max_output_tokens"}),
            "incomplete",
            "max_output_tokens",
            "The answer stops early: max_output_tokens.",
        ),
        (response("incomplete"), "incomplete", "unknown", "The answer stops early: unknown."),
        (
            response("failed", error={"code": "server_error", "message": "Sorry."}),
            "failed",
            "server_error",
            "Sorry.",
        ),
        (response("failed", error=None), "failed", "unknown", "The provider gave no reason."),
    ],
    ids=lambda value: value.body[:70].decode() if isinstance(value, Reply) else "",
)
def test_each_final_status_ends_the_task(
    result: Reply, status: str, code: str | None, message: str | None
) -> None:
    end = ending(decide(result, OVER))
    assert (end.status, end.error_code, end.error_message) == (status, code, message)
    assert (end.provider_status, end.response) == (status, result.body)


def test_the_deadline_names_why_the_latest_polls_were_not_answered() -> None:
    known = {"problem_code": "unreadable", "problem_message": "A page.", "failed_polls": 7}
    decision = decide(reply(200, b"<html>"), BLIND_OVER, **known)
    assert isinstance(decision, GiveUp)
    assert decision.message.endswith("Its latest 7 polls got no usable answer. A page.")


def test_an_end_keeps_how_long_the_provider_says_it_took() -> None:
    times = {"created_at": START / 1000, "completed_at": START / 1000 + 90}
    assert ending(decide(response("completed", **times))).duration_ms == 90_000
    assert ending(decide(response("completed"))).duration_ms is None


@pytest.mark.parametrize(
    ("usage", "kept", "cost"),
    [
        (None, None, None),
        ([], None, None),
        ({}, None, None),
        ({"input_tokens": 0, "output_tokens": 0}, b'{"input_tokens":0,"output_tokens":0}', 0),
        ({"input_tokens": None}, None, None),
    ],
    ids=str,
)
def test_usage_may_be_anything(usage: Any, kept: bytes | None, cost: int | None) -> None:
    end = ending(decide(response("completed", model="gpt-5-pro", usage=usage)))
    assert (end.usage, end.cost) == (kept, cost)


def test_zeros_beside_an_answer_are_an_unknown_cost() -> None:
    output = [{"type": "message", "content": "A long answer."}]
    usage = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
    end = ending(decide(response("completed", usage=usage, output=output)))
    assert (end.usage, end.cost, end.answer_kind) == (None, None, "text")


@pytest.mark.parametrize("word", ["queued", "in_progress", "a_word_of_tomorrow", ""])
def test_a_status_that_is_no_end_is_shown_and_polled_again(word: str) -> None:
    assert decide(response(word)) == PollAgain(61_000, word or None)
    assert decide(response(word), OVER - 1) == PollAgain(61_000, word or None)
    assert decide(response(word), OVER) == CancelAtProvider()


@pytest.mark.parametrize("result", BLIND)
def test_an_unanswered_poll_is_repeated_for_a_day(result: CallResult) -> None:
    again = PollAgain(61_000, "queued", missing_since=5)
    assert decide(result, missing_since=5) == again
    assert decide(result, BLIND_OVER - 1, missing_since=5) == again
    assert code(decide(result, BLIND_OVER)) == "deadline_exceeded"


def test_404_is_a_loss_only_when_it_lasts() -> None:
    missing, now = refused(404), START + 600_000
    first = decide(missing, now)
    assert first == PollAgain(61_000, "queued", missing_since=now)
    assert decide(missing, now + 121_999, missing_since=now) == first
    assert code(decide(missing, now + 122_000, missing_since=now)) == "response_not_found"


@pytest.mark.parametrize(
    ("result", "missing_since", "decision"),
    [
        (refused(429, retry_after="120"), None, PollAgain(120_000, "queued")),
        (refused(429, retry_after="1"), None, PollAgain(61_000, "queued")),
        (refused(429), None, PollAgain(61_000, "queued")),
        (reply(404, b"<html>not here</html>"), START, PollAgain(61_000, "queued", START)),
        (response("in_progress"), START, PollAgain(61_000, "in_progress")),
    ],
    ids=["429 longer", "429 shorter", "429", "404 not of OpenAI", "found again"],
)
def test_the_next_poll_waits_as_long_as_asked_and_only_openais_own_404_means_missing(
    result: CallResult, missing_since: int | None, decision: PollAgain
) -> None:
    assert decide(result, missing_since=missing_since) == decision


@pytest.mark.parametrize(
    ("body", "missing"),
    [
        ({"detail": "Response resp_1 not found"}, True),
        ({"error": "no such response: resp_1"}, True),
        ([{"error": {"message": "Response with id 'resp_1' not found.", "code": 404}}], True),
        ({"error": {"message": "Not found.", "type": "invalid_request_error"}}, True),
        ({"error": {"message": "No such model.", "code": "model_not_found"}}, False),
        ({"error": {"message": "Invalid URL (GET /responses/resp_1)", "type": "a_type"}}, False),
        ({"detail": "Not Found"}, False),
        ({"error": {"message": "Not found.", "code": 404}}, False),
        (b"", False),
    ],
    ids=str,
)
def test_a_404_counts_as_missing_if_it_names_the_response_or_has_openais_form(
    body: Any, *, missing: bool
) -> None:
    found = decide(reply(404, body), START + 1_000)
    assert found == PollAgain(61_000, "queued", START + 1_000 if missing else None)


def test_a_response_that_is_too_large_fails_the_task() -> None:
    end = ending(decide(BodyTooLarge(16 * 2**20)))
    assert (end.status, end.error_code) == (Status.FAILED, "answer_too_large")
    assert "16 MiB" in (end.error_message or "")


@pytest.mark.parametrize(
    ("result", "status", "code"),
    [
        pytest.param(response("completed"), "completed", None, id="finished just in time"),
        pytest.param(response("failed"), "failed", "unknown", id="failed just in time"),
        pytest.param(response("cancelled"), "given up", None, id="cancelled"),
        pytest.param(response("in_progress"), "given up", None, id="will be"),
        *(pytest.param(*blind.values, "given up", None, id=blind.id) for blind in BLIND),
    ],
)
def test_a_response_that_finished_before_the_deadlines_cancel_is_kept(
    result: CallResult, status: str, code: str | None
) -> None:
    task = tasks.snapshot(Status.IN_PROGRESS, response_id="resp_1")
    decision = decide_cancel(result, task, POLICY)
    if status == "given up":
        assert isinstance(decision, GiveUp)
        assert decision.code == "deadline_exceeded"
    else:
        assert (ending(decision).status, ending(decision).error_code) == (status, code)


ENDED = START + 600_000
CLOSES = ENDED + 24 * 3_600_000
SETTLED = ENDED + POLICY.cancel_settle_ms + 1


def watch(result: CallResult, now: int = ENDED + 1_000, **fields: Any) -> PollAgain | Finish:
    given = {"response_id": "resp_1", "provider_status": "queued"}
    times = {"completed_at": ENDED, "watch_until": CLOSES}
    task = tasks.snapshot(Status.CANCELLED, **given | times | fields)
    return decide_after_cancel(result, task, now, POLICY, "0001")


@pytest.mark.parametrize("word", ["completed", "incomplete", "failed"])
@pytest.mark.parametrize("now", [ENDED + 1, CLOSES + 1])
def test_a_result_after_a_cancel_is_kept_however_late(word: str, now: int) -> None:
    result = response(word, usage={"input_tokens": 1, "output_tokens": 1})
    end = ending(watch(result, now))
    assert (end.provider_status, end.response, end.cost) == (word, result.body, 135)


def test_a_cancelled_response_counts_as_ended_only_after_a_while() -> None:
    """A response that was cancelled has been seen to complete."""
    assert watch(response("cancelled"), SETTLED - 1) == PollAgain(61_000, "cancelled")
    assert ending(watch(response("cancelled"), SETTLED)).provider_status == "cancelled"


@pytest.mark.parametrize("result", [*BLIND, pytest.param(response("in_progress"), id="running")])
def test_a_cancelled_response_without_an_end_is_watched_for_a_day(result: CallResult) -> None:
    again = watch(result, CLOSES)
    assert isinstance(again, PollAgain)
    assert again.after == 61_000
    assert watch(result, CLOSES + 1) == Finish(TaskResult(Status.CANCELLED))


def test_a_missing_response_is_polled_once_more() -> None:
    missing, now = refused(404), ENDED + 1_000
    assert watch(missing, now) == PollAgain(61_000, "queued", missing_since=now)
    for account in (None, "0001"):
        settled = watch(missing, now, missing_since=ENDED, account_id=account)
        assert settled == Finish(TaskResult(Status.CANCELLED))


def test_a_response_that_another_account_has_seen_is_watched_for_a_day() -> None:
    fields = {"missing_since": ENDED, "account_id": "0002"}
    assert isinstance(watch(refused(404), CLOSES, **fields), PollAgain)
    assert watch(refused(404), CLOSES + 1, **fields) == Finish(TaskResult(Status.CANCELLED))


def test_a_late_response_that_is_too_large_is_not_kept() -> None:
    assert watch(BodyTooLarge(16 * 2**20)) == Finish(TaskResult(Status.CANCELLED))


@pytest.mark.parametrize(
    ("result", "heard"),
    [
        (response("cancelled"), True),
        (refused(400), True),
        (refused(404), True),
        (refused(409), True),
        *((refused(status), False) for status in (401, 403, 408, 429, 500, 503)),
        (reply(404, b"<html>"), False),
        (reply(307, b""), False),
        (NoReply("ReadTimeout"), False),
        (ConnectFailed("ConnectError"), False),
        (response("cancelled", metadata={"task_id": "task_1"}), True),
        (response("cancelled", metadata={"task_id": "task_2"}), False),
        (reply(200, {"id": "resp_2", "status": "cancelled"}), False),
        (reply(200, b"<html>"), False),
        (reply(200, {}), False),
    ],
    ids=lambda value: str(getattr(value, "status", value)),
)
def test_only_a_reply_to_the_cancel_itself_acknowledges_it(
    result: CallResult, *, heard: bool
) -> None:
    assert cancel_acknowledged(result, tasks.snapshot(response_id="resp_1")) is heard


@pytest.mark.parametrize(
    ("result", "problem"),
    [
        (response("completed"), None),
        (response("completed", metadata={"task_id": "task_1"}), None),
        (reply(200, {"id": "resp_2", "metadata": {"task_id": "task_1"}}), None),
        (response("completed", metadata={"task_id": "task_2"}), "another_task"),
        (reply(200, {"id": "resp_2", "metadata": {"task_id": "task_2"}}), "another_task"),
        (reply(200, {"id": "resp_2"}), "another_response"),
        (reply(200, {}), "unreadable"),
        (reply(200, b"{"), "unreadable"),
        (refused(500), "500"),
        (reply(202, {"id": "resp_1", "status": "completed"}), "202"),
        (reply(302, b""), "302"),
        (NoReply("ReadTimeout"), "no_reply"),
        (BodyTooLarge(1), "body_too_large"),
    ],
    ids=str,
)
def test_a_reply_that_is_not_about_the_task_has_a_reason(
    result: CallResult, problem: str | None
) -> None:
    assert reply_problem(result, tasks.snapshot(response_id="resp_1")) == problem


def test_the_tasks_own_answer_counts_under_whichever_id_it_comes() -> None:
    result = reply(200, {"id": "resp_2", "status": "completed", "metadata": {"task_id": "task_1"}})
    assert ending(decide(result)).response == result.body


@pytest.mark.parametrize(
    ("interval", "late"), [(100, 8_000), (2_000, 8_000), (30_000, 15_000), (61_000, 25_000)]
)
def test_a_poll_is_late_after_half_an_interval_within_bounds(interval: int, late: int) -> None:
    assert PollPolicy(interval, 1).stale_after_ms == late


@given(
    st.integers(100, 599),
    st.binary() | st.sampled_from([b'{"id":"resp_1"}', b'{"id":"resp_1","status":"completed"}']),
    st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms"]), st.text()),
    st.sampled_from([START, OVER, BLIND_OVER]),
)
def test_every_reply_has_a_decision(
    status: int, body: bytes, headers: dict[str, str], now: int
) -> None:
    decision = decide(Reply(status, body, headers), now)
    if isinstance(decision, Finish) and now == START:
        assert status == 200


@pytest.mark.parametrize(
    ("peers", "hidden"),
    [
        ([], False),
        ([{"missing_since": 1_500}], True),
        ([{"missing_since": 1_500}, {"last_polled_at": 1_400}], False),
        ([{"missing_since": 1_500}, {"last_polled_at": 900}], True),
        ([{"missing_since": 1_500}, {"last_polled_at": 1_400, "problem_code": "500"}], True),
        ([{"missing_since": 1_500}, {"last_polled_at": 1_400, "submitted_at": 1_200}], True),
        ([{"last_polled_at": 1_400}], False),
        ([{"last_polled_at": 900}], False),
    ],
    ids=[
        "it is alone",
        "the other is missing, too",
        "one was found since",
        "one was found before only",
        "one was not answered since",
        "only one sent since was found",
        "the other was found",
        "the other was not polled since",
    ],
)
def test_responses_are_hidden_if_none_sent_before_is_found(
    peers: list[dict[str, Any]], *, hidden: bool
) -> None:
    task = tasks.snapshot(Status.IN_PROGRESS, missing_since=1_000, submitted_at=500)
    sample = [
        tasks.snapshot(Status.IN_PROGRESS, **({"id": f"peer_{n}", "submitted_at": 400} | peer))
        for n, peer in enumerate(peers)
    ]
    assert all_missing(task, [task, *sample]) == hidden
