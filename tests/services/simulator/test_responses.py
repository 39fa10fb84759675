"""Create, retrieve, cancel, delete, input items and the model, through HTTP."""

from typing import Any

import pytest


async def test_a_new_response_repeats_its_request_and_has_no_output(ask: Any) -> None:
    created = await ask("Why?", metadata={"task_id": "task_1"}, instructions="Be brief.")
    assert created["metadata"] == {"task_id": "task_1"}
    assert created["instructions"] == "Be brief."
    assert created["reasoning"]["effort"] == "high"
    assert created["model"] == "gpt-5-pro-2025-10-06"
    assert (created["status"], created["output"], created["usage"]) == ("queued", [], None)


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        ("failed", "failed", "server_error"),
        ("late quota", "failed", "insufficient_quota"),
        ("cancelled", "cancelled", None),
        ("never ends", "in_progress", None),
        ("unknown status, never ends", "awaiting_capacity", None),
        ("unknown status", "completed", None),
        ("queued 7200 s", "queued", None),
        ("takes 7200 s", "in_progress", None),
    ],
)
async def test_a_scripted_ending(words: str, status: str, code: str | None, end: Any) -> None:
    ended = await end(f"Why? [simulate: {words}]")
    assert ended["status"] == status
    assert (ended["error"] or {}).get("code") == code
    if status != "completed":
        assert (ended["output"], ended["usage"]) == ([], None)


@pytest.mark.parametrize(
    ("words", "reason"), [("incomplete", "max_output_tokens"), ("content filter", "content_filter")]
)
async def test_an_incomplete_response_says_why_and_shows_half_its_text(
    words: str, reason: str, end: Any
) -> None:
    ended = await end(f"Why? [simulate: {words}]")
    assert (ended["status"], ended["error"]) == ("incomplete", None)
    assert ended["incomplete_details"] == {"reason": reason}
    part = ended["output"][-1]["content"][0]
    whole = (await end("Why?"))["output"][-1]["content"][0]["text"]
    assert whole.startswith(part["text"])
    assert all(a["end_index"] <= len(part["text"]) for a in part["annotations"])


async def test_cancelling_twice_is_cancelling_once(ask: Any, client: Any, clock: Any) -> None:
    url = f"/v1/responses/{(await ask('Why?'))['id']}"
    for _ in range(2):
        assert (await client.post(f"{url}/cancel")).json()["status"] == "cancelled"
        clock.advance(60)
    assert (await client.get(url)).json()["status"] == "cancelled"


async def test_cancelling_a_finished_response_returns_it_as_it_is(end: Any, client: Any) -> None:
    ended = await end("Why?")
    reply = await client.post(f"/v1/responses/{ended['id']}/cancel")
    assert (reply.status_code, reply.json()) == (200, ended)


async def test_a_deleted_response_is_gone(end: Any, client: Any) -> None:
    url = f"/v1/responses/{(await end('Why?'))['id']}"
    assert (await client.delete(url)).json()["deleted"] is True
    replies = [
        await client.get(url),
        await client.delete(url),
        await client.post(f"{url}/cancel"),
        await client.get(f"{url}/input_items"),
    ]
    assert [reply.status_code for reply in replies] == [404] * 4
    assert "not found" in replies[0].json()["error"]["message"]


async def test_input_items_are_listed_newest_first_in_pages(ask: Any, client: Any) -> None:
    turns = [
        {"role": "developer", "content": "Be kind."},
        {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
        {"role": "assistant", "content": "Hello"},
        {"role": "user", "content": "Why?"},
    ]
    url = f"/v1/responses/{(await ask('', input=turns))['id']}/input_items"
    first = (await client.get(url, params={"limit": 3})).json()
    rest = (await client.get(url, params={"limit": 3, "after": first["last_id"]})).json()
    texts = [item["content"][0]["text"] for item in first["data"] + rest["data"]]
    assert texts == ["Why?", "Hello", "Hi", "Be kind."]
    assert (first["has_more"], rest["has_more"]) == (True, False)
    assert first["data"][1]["content"][0]["type"] == "output_text"


async def test_only_the_one_model_is_there(client: Any) -> None:
    assert (await client.get("/v1/models/gpt-5-pro")).json()["object"] == "model"
    other = await client.get("/v1/models/gpt-4")
    assert (other.status_code, other.json()["error"]["code"]) == (404, "model_not_found")


async def test_every_reply_says_that_it_is_the_simulators(client: Any) -> None:
    for path in ("/healthz", "/v1/models/gpt-5-pro", "/v1/nothing", "/control/faults"):
        headers = (await client.get(path)).headers
        assert headers["server"] == "backburner-simulator"
        assert headers["x-request-id"].startswith("req_")
        assert "x-ratelimit-remaining-requests" in headers
        assert headers["openai-processing-ms"].isdigit()
