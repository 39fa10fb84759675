"""The ledger holds every POST, in order and exactly as it came."""

from pathlib import Path
from typing import Any

from services.simulator.database import connect
from services.simulator.request_log import LoggedRequest, RequestLog
from services.simulator.response_store import ResponseStore, StoredResponse
from services.simulator.scripts import Script


async def entries(client: Any, **query: int) -> list[dict[str, Any]]:
    page: list[dict[str, Any]] = (await client.get("/control/requests", params=query)).json()[
        "data"
    ]
    return page


async def test_every_post_is_there_in_order_with_what_it_got(ask: Any, client: Any) -> None:
    created = await ask("Why?", metadata={"task_id": "task_1"})
    await client.post("/v1/responses", json={"model": "gpt-5-pro"})
    await client.post("/v1/responses", content=b"not json \xff")
    good, refused, broken = await entries(client)
    assert (good["status"], good["response_id"]) == (200, created["id"])
    assert good["metadata"] == {"task_id": "task_1"}
    assert good["received_at"] == created["created_at"]
    assert good["body"] == {
        "model": "gpt-5-pro",
        "background": True,
        "input": "Why?",
        "tools": [{"type": "web_search"}],
        "metadata": {"task_id": "task_1"},
    }
    assert (refused["status"], refused["response_id"]) == (400, None)
    assert refused["body"] == {"model": "gpt-5-pro"}
    assert (broken["status"], broken["body"]) == (400, "not json \ufffd")


async def test_it_keeps_telling_headers_and_never_the_key(client: Any) -> None:
    headers = {"user-agent": "test/1", "x-client-request-id": "mine"}
    await client.post("/v1/responses", json={}, headers=headers)
    reply = await client.get("/control/requests")
    kept = reply.json()["data"][0]["headers"]
    assert kept == {**headers, "idempotency-key": None}
    assert "sk-simulator" not in reply.text


async def test_gets_and_cancels_of_a_response_are_counted(ask: Any, client: Any) -> None:
    url = f"/v1/responses/{(await ask('Why?'))['id']}"
    for _ in range(3):
        await client.get(url)
    await client.post(f"{url}/cancel")
    await client.delete(url)
    (entry,) = await entries(client)
    assert (entry["retrieves"], entry["cancels"]) == (3, 1)


async def test_it_is_read_in_pages(ask: Any, client: Any) -> None:
    for number in range(3):
        await ask(f"Question {number}")
    first = (await client.get("/control/requests", params={"limit": 2})).json()
    assert (len(first["data"]), first["has_more"]) == (2, True)
    rest = await entries(client, after=first["data"][-1]["number"])
    assert [entry["body"]["input"] for entry in rest] == ["Question 2"]


def test_the_oldest_go_with_their_responses_when_it_is_full(tmp_path: Path) -> None:
    """It is pruned once in 256 requests."""
    database = connect(tmp_path / "simulator.sqlite")
    responses = ResponseStore(database)
    ledger = RequestLog(database, responses, max_entries=10)
    received = LoggedRequest(received_at=0, status=200, fault=None, headers={}, body=b"{}")
    for number in range(1, 257):
        ledger.record(received, accepted(f"resp_{number}"), None)
    kept, _ = ledger.page(after=0, limit=1000)
    assert [entry["number"] for entry in kept] == list(range(247, 257))
    assert responses.get("resp_246") is None
    assert responses.get("resp_247") is not None
    database.close()


def accepted(response_id: str) -> StoredResponse:
    return StoredResponse(response_id, 0, {}, "", 0, Script(queued_seconds=1, run_seconds=6))
