"""A call makes one task whatever fails, and an invalid reply is never taken for a task."""

import json
from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest

from backburner import BackburnerError, Task
from tests.clients.answers import TASK_ID, Script, ok, problem, task

LOST = httpx.ReadError("connection reset")
DOWN = httpx.ConnectError("connection refused")


def failing(script: Script, **options: float) -> BackburnerError:
    with pytest.raises(BackburnerError) as caught:
        script.client(**options).get(TASK_ID)
    return caught.value


# One call, one task


def test_a_submission_is_repeated_under_the_one_key_it_began_with() -> None:
    script = Script([LOST, DOWN, problem(503, "store-unavailable"), ok(task(), 202)])

    assert script.client().submit("Why?").id == TASK_ID

    keys = script.sent("Idempotency-Key")
    assert len(keys) == 4
    assert len(set(keys)) == 1
    assert len(keys[0] or "") >= 32
    assert len({request.content for request in script.requests}) == 1
    script.client().submit("Why?")
    assert script.sent("Idempotency-Key")[-1] not in keys


def test_the_callers_key_is_sent_and_a_replay_is_marked() -> None:
    script = Script([ok(task(), 202, Idempotent_Replayed="true")])
    assert script.client().submit("Why?", idempotency_key="mine").replayed
    assert script.sent("Idempotency-Key") == ["mine"]


@pytest.mark.parametrize(
    ("name", "arguments", "body"),
    [
        ("cancel", [], b""),
        ("retry", [], b""),
        ("abandon", [], b""),
        ("adopt", ["resp_1"], b'{"response_id":"resp_1"}'),
    ],
)
def test_every_action_carries_one_key_through_its_retries(
    name: str, arguments: list[str], body: bytes
) -> None:
    script = Script([LOST, ok(task())])
    getattr(script.client(), name)(TASK_ID, *arguments)
    assert script.requests[0].read() == body
    first, second = script.sent("Idempotency-Key")
    assert first == second
    assert first
    assert [request.url.path for request in script.requests] == [f"/v1/tasks/{TASK_ID}/{name}"] * 2


@pytest.mark.parametrize("key", ["two\nlines", " padded", "schlüssel"])
def test_a_key_that_no_header_can_carry_is_refused_before_anything_is_sent(key: str) -> None:
    script = Script([ok(task(), 202)])
    with pytest.raises(ValueError, match="printable ASCII"):
        script.client().submit("Why?", idempotency_key=key)
    assert script.requests == []


# Repeating


@pytest.mark.parametrize(
    ("reply", "retry_for", "pauses"),
    [
        (problem(503, "store-unavailable", retry_after=7), 30, [7]),
        (problem(429, "too-many-requests", retry_after=2), 30, [2]),
        (problem(429, "too-many-open-tasks", retry_after=2), 30, []),
        (problem(503, "search-rebuilding", retry_after=60), 30, []),
    ],
)
def test_a_passing_problem_is_retried_after_its_retry_after_if_there_is_time(
    reply: httpx.Response, retry_for: float, pauses: list[float]
) -> None:
    script = Script([reply, ok(task())])
    client = script.client(retry_for=retry_for)
    if pauses:
        assert client.get(TASK_ID).id == TASK_ID
    else:
        with pytest.raises(BackburnerError) as caught:
            client.get(TASK_ID)
        assert caught.value.retry_after
    assert script.pauses == pauses
    assert len(script.troubles) == len(pauses)


def test_retries_end_and_the_delays_grow_to_five_seconds() -> None:
    script = Script([DOWN])
    error = failing(script, retry_for=60)
    assert (error.kind, error.status) == ("unreachable", None)
    assert "connection refused" in error.detail
    assert script.clock == 60
    assert script.pauses[0] <= 0.25
    assert 2.5 <= max(script.pauses) <= 5
    assert 12 < len(script.requests) < 40


@pytest.mark.parametrize(
    ("statuses", "retried"),
    [([408, 502, 503, 504], True), ([400, 401, 403, 404, 409, 410, 413, 422, 429, 500], False)],
)
def test_only_errors_that_may_pass_are_retried_even_a_gateways(
    statuses: list[int], *, retried: bool
) -> None:
    for status in statuses:
        for reply in (problem(status, "some-problem"), httpx.Response(status, text="<html>")):
            script = Script([reply])
            assert failing(script, retry_for=1).status == status
            assert (len(script.requests) > 1) is retried


# Problems


def test_a_problem_has_its_kind_its_fields_and_the_whole_document() -> None:
    errors = [{"field": "input", "message": "The conversation is empty."}]
    error = failing(Script([problem(422, "invalid-request", errors=errors, limit=3)]))
    assert (error.kind, error.status, str(error)) == ("invalid-request", 422, "So.")
    assert error.errors == errors
    assert error.document["limit"] == 3


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(200, text="<html>Log in"),
        httpx.Response(200, content=b'{"id": "task_'),
        httpx.Response(200, content=b"\xff\xfe"),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, json=None),
        httpx.Response(200, json=[]),
        ok(task(id=7)),
        ok({name: value for name, value in task().items() if name != "status"}),
        ok(task(created_at=None)),
        ok(task(created_at="yesterday")),
        ok(task(created_at="2026-11-23T03:00:00")),
        ok(task(next_poll_at=12)),
        httpx.Response(204),
        httpx.Response(302, headers={"Location": "http://elsewhere.test/"}),
        httpx.Response(404, text="<html>Not here"),
        httpx.Response(404, json=["odd"]),
        httpx.Response(404, json={"errors": "odd", "type": None, "detail": None}),
        httpx.Response(404, content=b"[" * 100_000),
        httpx.Response(404),
        httpx.Response(404, json={"error": {"message": "Invalid URL"}}),
        httpx.Response(403, json={"type": "about:blank", "detail": "No."}),
    ],
)
def test_a_reply_of_another_server_is_named_as_such(reply: httpx.Response) -> None:
    script = Script([reply])
    error = failing(script)
    assert error.kind == "unexpected-reply"
    assert (error.status, error.errors) == (reply.status_code, [])
    assert "BACKBURNER_URL" in error.detail
    assert len(script.requests) == 1


def test_unknown_fields_are_kept_and_unknown_statuses_are_not_terminal() -> None:
    read = Script([ok(task(status="resting", mood="calm"))]).client().get(TASK_ID)
    assert (read.status, read.ended, read.body["mood"]) == ("resting", False, "calm")


# Reading


def test_times_are_in_utc_and_now_is_the_servers() -> None:
    script = Script([ok(task(), Date="Mon, 23 Nov 2026 03:22:36 GMT")])
    client = script.client()
    assert client.get(TASK_ID).submitted_at == datetime(2026, 11, 23, 3, 0, 1, tzinfo=UTC)
    ahead = client.now() - datetime(2026, 11, 23, 3, 22, 36, tzinfo=UTC)
    assert 0 <= ahead.total_seconds() < 5


def test_all_tasks_are_read_page_after_page_under_one_filter() -> None:
    pages = [
        ok({"data": [task(id="task_1"), task(id="task_2")], "next_cursor": "7"}),
        ok({"data": [task(id="task_3")], "next_cursor": None}),
    ]
    script = Script([*pages])
    found = script.client().tasks(status="failed", search='"heat pump" gas*')
    assert [each.id for each in found] == ["task_1", "task_2", "task_3"]
    assert [dict(request.url.params) for request in script.requests] == [
        {"limit": "100", "status": "failed", "q": '"heat pump" gas*'},
        {"limit": "100", "status": "failed", "q": '"heat pump" gas*', "cursor": "7"},
    ]


def test_times_are_sent_in_utc_or_as_they_were_written() -> None:
    script = Script([ok({"data": [], "next_cursor": None})])
    east = timezone(timedelta(hours=2))
    list(script.client().tasks(after=datetime(2026, 11, 1, 1, tzinfo=east), before="2026-12-01"))
    asked = script.requests[0].url.params
    assert asked["created_after"] == "2026-10-31T23:00:00+00:00"
    assert asked["created_before"] == "2026-12-01"


def test_an_id_cannot_lead_to_another_address() -> None:
    script = Script([ok(task())])
    script.client().get("../../metrics?x#y")
    assert script.requests[0].url.raw_path == b"/v1/tasks/..%2F..%2Fmetrics%3Fx%23y"


def test_a_thread_has_its_tasks_and_its_root_and_another_body_is_an_error() -> None:
    script = Script([ok({"root": TASK_ID, "data": [task()], "truncated": False}), ok({"data": 7})])
    thread = script.client().thread(TASK_ID)
    assert (thread.root, [each.id for each in thread.data]) == (TASK_ID, [TASK_ID])
    with pytest.raises(BackburnerError) as caught:
        script.client().page()
    assert caught.value.kind == "unexpected-reply"


def test_an_export_is_asked_for_in_its_form_and_comes_unchanged() -> None:
    script = Script([httpx.Response(200, content="a\r\nb\u2028é".encode())])
    assert script.client().export(TASK_ID, form="markdown", thread=True) == "a\r\nb\u2028é"
    (request,) = script.requests
    assert request.url.path == f"/v1/tasks/{TASK_ID}/thread/export"
    assert request.headers["Accept"] == "text/markdown"


def test_markdown_is_handed_in_as_markdown_and_an_exported_object_as_json() -> None:
    script = Script([ok(task(), 202)])
    script.client().submit_document("# Why?", title="T", parent_id="task_1")
    script.client().submit_document({"input": "Why?", "title": "old"}, title="new")
    markdown, document = script.requests
    assert markdown.headers["Content-Type"].startswith("text/markdown")
    assert (markdown.content, dict(markdown.url.params)) == (
        b"# Why?",
        {"title": "T", "parent_id": "task_1"},
    )
    assert document.read() == b'{"input":"Why?","title":"new"}'


def test_a_follow_up_has_the_conversation_its_answer_and_the_question() -> None:
    conversation = Task.from_json(task(output_text="Because.")).follow_up_input("And then?")
    assert conversation == [
        *task()["input"],
        {"role": "assistant", "content": "Because."},
        {"role": "user", "content": "And then?"},
    ]
    for answer in (None, " \n"):
        with pytest.raises(ValueError, match="is in_progress and has no answer"):
            Task.from_json(task(output_text=answer)).follow_up_input("And then?")


def test_a_deletion_is_repeated_until_its_receipt_or_the_timeout() -> None:
    receipt = {"id": TASK_ID, "provider": {"outcome": "deleted"}}
    script = Script([*[ok(task(deletion={}), 202)] * 2, ok(receipt)])
    assert script.client().delete(TASK_ID) == receipt
    assert [request.method for request in script.requests] == ["DELETE"] * 3
    here = Script([ok(receipt)])
    here.client().delete(TASK_ID, here_only=True)
    assert here.requests[0].url.query == b"here_only=true"
    slow = Script([ok(task(deletion={}), 202)])
    assert slow.client().delete(TASK_ID, timeout=3) is None
    assert slow.clock == 3


# Where and who


def test_address_and_token_come_from_the_environment_else_loopback_without_a_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BACKBURNER_URL", "http://team.test/backburner/")
    monkeypatch.setenv("BACKBURNER_TOKEN", "secret")
    script = Script([ok(task())])
    script.client(url=None).get(TASK_ID)
    (request,) = script.requests
    assert str(request.url) == f"http://team.test/backburner/v1/tasks/{TASK_ID}"
    assert request.headers["Authorization"] == "Bearer secret"
    monkeypatch.delenv("BACKBURNER_URL")
    monkeypatch.setenv("BACKBURNER_TOKEN", "")
    script.client(url=None).get(TASK_ID)
    assert str(script.requests[1].url).startswith("http://127.0.0.1:8000/v1/")
    assert "Authorization" not in script.requests[1].headers


@pytest.mark.parametrize(
    ("url", "token", "message"),
    [
        *(
            (url, None, "is not an address")
            for url in ("team.test:8000", "ftp://team.test", "http://", "http://x:y", "x y")
        ),
        ("http://me:s3cret@team.test", None, "must not contain"),
        ("http://team.test", "s3cret\n", "BACKBURNER_TOKEN"),
    ],
)
def test_an_invalid_address_or_token_is_refused_without_a_secret(
    url: str, token: str | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        Script([DOWN]).client(url=url, token=token)
    assert "s3cret" not in str(caught.value)


def test_instructions_are_saved_listed_and_deleted() -> None:
    preset = {"id": "p 1", "name": "Editor", "text": "You are an editor."}
    replies = [LOST, ok(preset), ok(preset), ok({"data": [preset]}), httpx.Response(204)]
    client = (script := Script(replies)).client()
    saved = client.save_preset("Editor", "You are an editor.")
    client.save_preset("Editor", "You are an editor.", preset_id=saved.id)
    assert client.presets() == [saved]
    client.delete_preset(saved.id)
    called = [(each.method, each.url.raw_path.decode()) for each in script.requests]
    first, again, *rest = called
    assert first == again
    assert first[1].startswith("/v1/presets/")
    path = "/v1/presets/p%201"
    assert rest == [("PUT", path), ("GET", "/v1/presets"), ("DELETE", path)]
    assert json.loads(script.requests[0].read()) == {"name": "Editor", "text": "You are an editor."}
    assert "an editor" not in repr(saved)


def test_the_owner_of_the_token_is_known() -> None:
    script = Script([ok({"id": None, "name": None, "admin": True, "more": 1})])
    me = script.client().me()
    assert (me.id, me.name, me.admin) == (None, None, True)
