"""Only what proves that nothing was taken is ever sent again."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.poller.decisions.pause import Pause
from services.poller.decisions.submission import (
    Decision,
    Refused,
    SubmitLater,
    Submitted,
    UnclearRefusal,
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


NO_ACCESS = "Project `proj_1` does not have access to model `gpt-5-pro`"
UNSUPPORTED = "Country, region, or territory not supported"
UNVERIFIED = "Your organization must be verified to use the model `gpt-5-pro`."


def error(status: int, message: str, **fields: object) -> Reply:
    return reply(status, {"error": {"message": message, **fields}})


TOO_LARGE = "Request too large for gpt-5-pro (TPM): Limit 30000, Requested 30601."


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
    named = fields.get("metadata") == {"task_id": "task_1"}
    assert found == Submitted("resp_1", fields.get("status"), named=named)


def test_the_response_of_another_task_is_not_kept_and_the_reason_tells_nothing_of_it() -> None:
    body = {"id": "resp_2", "status": "completed", "metadata": {"task_id": "task_2"}}
    decision = decide(reply(200, body))
    assert isinstance(decision, Unconfirmed)
    assert "another task" in decision.reason
    assert "_2" not in decision.reason


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"retry_after": "70"}, 70_000),
        ({"retry_after": "8.5"}, 8_500),
        ({"retry_after": "7"}, 8_000),
        ({"retry_after": "1"}, 8_000),
        ({"retry_after": "Mon, 23 Nov 2026 03:22:46 GMT"}, 10_000),
        ({"retry_after_ms": "12500", "retry_after": "60"}, 12_500),
        ({"retry_after_ms": "0", "retry_after": "0"}, 8_000),
        ({"retry_after_ms": "soon", "retry_after": "60"}, 60_000),
        ({"retry_after": "99999999999"}, 600_000),
        ({"retry_after": "0"}, 8_000),
        ({"retry_after": "-5"}, 8_000),
        ({"retry_after": "Sun, 22 Nov 2026 03:22:36 GMT"}, 8_000),
        ({}, 8_000),
        ({"retry_after": "later"}, 8_000),
        ({"retry_after": "nan"}, 8_000),
        ({"retry_after": "inf"}, 8_000),
        ({"retry_after": "Mon, 01 Jan 2020 00:00:00 +99999999999999999999"}, 8_000),
        ({"retry_after": "Mon, 01 Jan 2020 00:00:00 -0000"}, 8_000),
    ],
    ids=str,
)
def test_429_waits_as_long_as_asked_and_longer_with_each_attempt_within_bounds(
    headers: dict[str, str], after: int
) -> None:
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
        (refused(429, "insufficient_quota"), PauseReason.QUOTA, "quota"),
        (refused(400, "billing_hard_limit_reached"), PauseReason.QUOTA, "quota"),
        (refused(429, "billing_not_active"), PauseReason.QUOTA, "billing_not_active"),
        (error(402, "Insufficient credits", code=402), PauseReason.QUOTA, "Insufficient credits"),
        (error(429, "No credit.", type="insufficient_quota"), PauseReason.QUOTA, "No credit."),
        (refused(404, "model_not_found"), PauseReason.MODEL_RETIRED, ACTIVE.name),
        (refused(400, "model_not_found"), PauseReason.MODEL_RETIRED, ACTIVE.name),
        (refused(403, "model_not_found"), PauseReason.MODEL_RETIRED, ACTIVE.name),
        *(
            (refusal, PauseReason.PROVIDER_REFUSES, words)
            for refusal, words in [
                (reply(401, b"<html>", content_type="text/html"), "text/html, 6 bytes"),
                (error(401, "Missing scopes: api.responses.write."), "scopes: api.responses.write"),
                (error(401, "No such key.", code="401", type="auth_error"), "401 auth_error"),
                (error(403, UNSUPPORTED, code="unsupported_country_region_territory"), UNSUPPORTED),
                (error(403, NO_ACCESS, code="model_not_found"), NO_ACCESS),
                (error(403, "Your IP is not authorized.", code="ip_not_authorized"), "Your IP"),
                (error(403, "Missing scopes: api.responses.write."), "Missing scopes"),
                (error(404, UNVERIFIED, code="model_not_found"), UNVERIFIED),
                (error(400, UNVERIFIED, code="unsupported_value"), UNVERIFIED),
                (error(404, "Invalid URL (POST /responses)"), "Invalid URL"),
                (reply(404, {"detail": "Not Found"}), "lack the /v1?"),
                (reply(405, {"detail": "Method Not Allowed"}), "Method Not Allowed"),
            ]
        ),
    ],
    ids=lambda value: f"{value.status} {value.body[:60]!r}" if isinstance(value, Reply) else "",
)
def test_a_refusal_that_concerns_every_task_pauses_submissions(
    result: Reply, reason: PauseReason, says: str
) -> None:
    decision = decide(result)
    assert isinstance(decision, Pause)
    assert decision.reason is reason
    assert says in decision.text


@pytest.mark.parametrize(
    ("result", "says"),
    [
        (reply(403, b"<html>Blocked</html>"), "403 http_403"),
        (refused(403, "blocked_by_policy"), "A message."),
        (error(403, "Blocked."), "Blocked."),
    ],
    ids=str,
)
def test_a_refusal_of_a_gateway_may_concern_this_task_only(result: Reply, says: str) -> None:
    decision = decide(result, attempts=5)
    assert isinstance(decision, UnclearRefusal)
    assert says in decision.later.reason
    assert (decision.later.after, decision.pause.reason) == (32_000, PauseReason.PROVIDER_REFUSES)


@pytest.mark.parametrize(
    ("result", "code", "message"),
    [
        (refused(400, "context_length_exceeded"), "context_length_exceeded", "A message."),
        (refused(422, None), "a_type", "A message."),
        (refused(400, "all that\nwas sent"), "a_type", "A message."),
        (refused(400, "a" * 101), "a_type", "A message."),
        (error(400, "A message.", code="all that\nwas sent"), "http_400", "A message."),
        (reply(413, b"<html>"), "http_413", "The answer has status 413 and names no reason."),
        (reply(400, {"error": "x"}), "http_400", "x"),
        (reply(400, {"error": {"code": 400, "message": "x"}}), "http_400", "x"),
        (reply(400, {"error": {"message": "x", "type": "a_type"}}), "a_type", "x"),
        (reply(400, {"error": {"message": "x", "type": "None", "code": "400"}}), "http_400", "x"),
        (reply(400, [{"error": {"message": "x", "code": 400}}]), "http_400", "x"),
        (reply(400, {"message": "x", "code": "a_code"}), "a_code", "x"),
        (reply(422, {"detail": [{"loc": ["body"], "msg": "x", "type": "t"}]}), "t", "x"),
        (reply(400, {"detail": {"error": {"message": "x"}}}), "http_400", "x"),
        (error(400, "Bearer abc.def-ghi sk-proj-abc***def"), "http_400", "(a secret) (a secret)"),
        (error(429, TOO_LARGE, code="rate_limit_exceeded"), "request_too_large", TOO_LARGE),
    ],
    ids=lambda value: f"{value.status} {value.body[:40]!r}" if isinstance(value, Reply) else "",
)
def test_any_other_refusal_is_for_good(result: Reply, code: str, message: str) -> None:
    assert decide(result) == Refused(code, message)


def test_a_sentence_that_quotes_the_conversation_is_passed_on_to_its_owner_only() -> None:
    secret = "My neighbour hides a golden violin\nunder the third step of his stairs."
    conversation = [{"role": "user", "content": [{"type": "input_text", "text": secret}]}]
    blocked = f"Blocked, as it says “{' '.join(secret.split())}”."
    decision = decide(error(403, blocked))
    assert isinstance(decision, UnclearRefusal)
    assert decision.pause.says_to_all(conversation) == ""
    assert "golden violin" in decision.pause.text
    assert "403" in decision.pause.message
    assert "golden" not in decision.pause.message
    decision = decide(error(401, UNSUPPORTED))
    assert isinstance(decision, Pause)
    assert UNSUPPORTED in decision.says_to_all(conversation)


def test_a_rate_limit_that_others_use_up_is_waited_for() -> None:
    message = "Rate limit reached (TPM): Limit 30000, Used 20000, Requested 12000."
    decision = decide(error(429, message, code="rate_limit_exceeded"))
    assert isinstance(decision, SubmitLater)
    assert message in decision.reason


@pytest.mark.parametrize("status", [400, 404, 405, 421, 429])
@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b'{"error":{"code":1,"message":[]}}'])
def test_a_refusal_without_words_is_no_verdict_and_is_waited_for(status: int, body: bytes) -> None:
    decision = decide(reply(status, body, content_type="text/html; charset=utf-8"), attempts=5)
    assert isinstance(decision, SubmitLater)
    assert decision.after == 32_000
    assert str(status) in decision.reason


def test_a_page_with_status_200_is_told_as_what_it_is() -> None:
    decision = decide(reply(200, b"<html>", content_type="text/html; charset=utf-8"))
    assert isinstance(decision, Unconfirmed)
    assert "text/html, 6 bytes" in decision.reason
    assert "took" not in decision.reason


def test_an_error_nested_without_end_is_read() -> None:
    assert isinstance(decide(reply(400, b'{"error":' * 500 + b"1" + b"}" * 500)), SubmitLater)


@given(
    st.integers(100, 599),
    st.binary() | st.sampled_from([b'{"id":"resp_1"}', b'{"error":{"code":"x","message":"y"}}']),
    st.dictionaries(st.sampled_from(["retry-after", "retry-after-ms"]), st.text()),
)
def test_every_reply_has_a_decision(status: int, body: bytes, headers: dict[str, str]) -> None:
    decision = decide(Reply(status, body, headers))
    if isinstance(decision, SubmitLater | Pause | UnclearRefusal | Refused):
        assert 400 <= status < 500
        assert status not in (408, 409)
