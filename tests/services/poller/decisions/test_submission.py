"""Only what proves that nothing was taken is ever sent again."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.poller.decisions.submission import (
    Decision,
    PauseSubmissions,
    Refused,
    SubmitLater,
    Submitted,
    Unconfirmed,
    back_off,
    decide_submission,
)
from services.poller.results import BodyTooLarge, CallResult, ConnectFailed, NoReply, Reply
from shared.domain.states import PauseReason, Status
from shared.openai.model import ACTIVE
from tests.services.poller.scripted_provider import refused, reply
from tests.shared import tasks

NOW = datetime(2026, 11, 23, 3, 22, 36, tzinfo=UTC)


def decide(result: CallResult, attempts: int = 1) -> Decision:
    task = tasks.snapshot(Status.SUBMITTING, attempts=attempts)
    return decide_submission(result, task, NOW)


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(NoReply("ReadTimeout"), id="no answer"),
        pytest.param(BodyTooLarge(10), id="endless answer"),
        *(pytest.param(refused(status), id=str(status)) for status in (302, 307, 408, 409)),
        *(pytest.param(refused(status), id=str(status)) for status in (500, 502, 503, 504, 529)),
        pytest.param(refused(500, "insufficient_quota"), id="500 that speaks of quota"),
        pytest.param(reply(200, b"{"), id="broken JSON"),
        pytest.param(reply(200, []), id="no object"),
        pytest.param(reply(200, {"status": "queued"}), id="no id"),
        pytest.param(reply(200, {"id": ""}), id="empty id"),
        pytest.param(reply(200, {"id": 7}), id="a number for an id"),
    ],
)
def test_a_request_that_may_have_been_accepted_is_unconfirmed(result: CallResult) -> None:
    assert isinstance(decide(result), Unconfirmed)


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        *((code, {"status": "queued"}) for code in (200, 201, 202)),
        (200, {}),
        *(
            (200, {"status": "queued", "metadata": metadata})
            for metadata in (None, {}, {"task_id": None}, {"task_id": "task_1"}, [])
        ),
    ],
)
def test_an_id_means_submitted_where_the_metadata_names_this_task_or_none(
    code: int, fields: dict[str, object]
) -> None:
    found = decide(reply(code, {"id": "resp_1"} | fields))
    assert found == Submitted("resp_1", fields.get("status"))


def test_the_response_of_another_task_is_not_kept_and_the_reason_tells_nothing_of_it() -> None:
    body = {"id": "resp_2", "status": "completed", "metadata": {"task_id": "task_2"}}
    decision = decide(reply(200, body))
    assert isinstance(decision, Unconfirmed)
    assert "another task" in decision.reason
    assert "_2" not in decision.reason


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"retry_after": "7"}, 7_000),
        ({"retry_after": "1.5"}, 1_500),
        ({"retry_after": "Mon, 23 Nov 2026 03:22:46 GMT"}, 10_000),
        ({"retry_after_ms": "2500", "retry_after": "60"}, 2_500),
        ({"retry_after_ms": "soon", "retry_after": "60"}, 60_000),
        ({"retry_after": "99999999999"}, 600_000),
        ({"retry_after": "0"}, 1_000),
        ({"retry_after": "-5"}, 1_000),
        ({"retry_after": "Sun, 22 Nov 2026 03:22:36 GMT"}, 1_000),
        ({}, 8_000),
        ({"retry_after": "later"}, 8_000),
        ({"retry_after": "nan"}, 8_000),
        ({"retry_after": "inf"}, 8_000),
        ({"retry_after": "Mon, 01 Jan 2020 00:00:00 +99999999999999999999"}, 8_000),
        ({"retry_after": "Mon, 01 Jan 2020 00:00:00 -0000"}, 8_000),
    ],
    ids=str,
)
def test_429_waits_as_long_as_asked_within_bounds(headers: dict[str, str], after: int) -> None:
    decision = decide(refused(429, "rate_limit_exceeded", **headers), attempts=3)
    assert isinstance(decision, SubmitLater)
    assert decision.after == after


def test_a_request_that_was_not_sent_is_retried_later_each_time() -> None:
    waits = [decide(ConnectFailed("ConnectError"), attempts) for attempts in (1, 2, 3, 9, 10, 1000)]
    assert [wait.after for wait in waits if isinstance(wait, SubmitLater)] == [
        2_000,
        4_000,
        8_000,
        512_000,
        600_000,
        600_000,
    ]
    assert back_off(10**9) == 600_000


@pytest.mark.parametrize(
    ("result", "reason", "says"),
    [
        (refused(401, "invalid_api_key"), PauseReason.BAD_KEY, "OPENAI_API_KEY"),
        (reply(401, b"<html>"), PauseReason.BAD_KEY, "OPENAI_API_KEY"),
        (refused(403), PauseReason.BAD_KEY, "OPENAI_API_KEY"),
        (refused(429, "insufficient_quota"), PauseReason.QUOTA, "quota"),
        (refused(400, "billing_hard_limit_reached"), PauseReason.QUOTA, "quota"),
        (refused(404, "model_not_found"), PauseReason.MODEL_RETIRED, ACTIVE.name),
        (refused(400, "model_not_found"), PauseReason.MODEL_RETIRED, ACTIVE.name),
        (refused(403, "model_not_found"), PauseReason.MODEL_RETIRED, ACTIVE.name),
    ],
    ids=lambda value: f"{value.status} {value.body[:60]!r}" if isinstance(value, Reply) else "",
)
def test_a_refusal_that_concerns_every_task_pauses_submissions(
    result: Reply, reason: PauseReason, says: str
) -> None:
    decision = decide(result)
    assert isinstance(decision, PauseSubmissions)
    assert decision.reason is reason
    assert says in decision.message


@pytest.mark.parametrize(
    ("result", "code", "message"),
    [
        (refused(400, "context_length_exceeded"), "context_length_exceeded", "A message."),
        (refused(422, None), "a_type", "A message."),
        (refused(400, "all that\nwas sent"), "http_400", "A message."),
        (refused(400, "a" * 101), "http_400", "A message."),
        (reply(413, b"<html>"), "http_413", "OpenAI answered 413."),
        (reply(400, {"error": "x"}), "http_400", "OpenAI answered 400."),
        (reply(400, {"error": {"code": 1, "message": []}}), "http_400", "OpenAI answered 400."),
        (reply(400, []), "http_400", "OpenAI answered 400."),
    ],
    ids=lambda value: f"{value.status} {value.body[:40]!r}" if isinstance(value, Reply) else "",
)
def test_any_other_refusal_is_for_good(result: Reply, code: str, message: str) -> None:
    assert decide(result) == Refused(code, message)


@given(
    st.integers(100, 599),
    st.binary() | st.sampled_from([b'{"id":"resp_1"}', b'{"error":{"code":"x","message":"y"}}']),
    st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms"]), st.text()),
)
def test_every_reply_has_a_decision(status: int, body: bytes, headers: dict[str, str]) -> None:
    decision = decide(Reply(status, body, headers))
    if isinstance(decision, SubmitLater | PauseSubmissions | Refused):
        assert 400 <= status < 500
        assert status not in (408, 409)
