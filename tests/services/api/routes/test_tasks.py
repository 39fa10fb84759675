"""Tasks are handed in, listed and read; what is shown is the record, and says nothing twice."""

import re
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from shared.domain.spending import INSTALLATION
from tests.services.api.conftest import Service, problem

SUMMARY = {
    *("id", "status", "provider", "provider_status", "paused", "waiting", "title"),
    *("created_at", "submitted_at", "completed_at", "response_id", "parent_id", "retry_of"),
    *("model", "model_note"),
    *("client_request_id", "adopting", "adoption_refused", "receipt", "deletion"),
    *("answer_kind", "usage", "cost_usd", "estimated_cost_usd", "error", "version"),
    *("polls", "last_polled_at", "next_poll_at"),
    *("pinned", "archived", "unread"),
}
WHOLE = SUMMARY | {"input", "output_text", "citations", "searches"}
TIMES = ("created_at", "submitted_at", "completed_at", "last_polled_at", "next_poll_at")


async def test_a_task_handed_in_is_answered_with_its_address(client: httpx.AsyncClient) -> None:
    reply = await client.post("/v1/tasks", json={"input": "Why?"})
    task = reply.json()
    assert reply.status_code == 202
    assert reply.headers["location"] == f"/v1/tasks/{task['id']}"
    assert "idempotent-replayed" not in reply.headers
    assert re.fullmatch("task_[0-9a-f]{32}", task["id"])
    assert (task["status"], task["provider"], task["version"]) == ("queued", "simulator", 1)
    assert (await client.get(reply.headers["location"])).json() == task


async def test_a_task_has_exactly_the_documented_fields(service: Service) -> None:
    queued = await service.submit()
    assert set(queued) == WHOLE
    await service.completed(queued["id"])
    ended = (await service.http.get(f"/v1/tasks/{queued['id']}")).json()
    assert set(ended) == WHOLE
    assert ended["status"] == ended["provider_status"] == "completed"
    assert (ended["output_text"], ended["citations"]) == ("Because.", [])
    assert (queued["searches"], ended["searches"]) == (None, 0)
    assert (ended["cost_usd"], ended["usage"]["output_tokens"]) == (1.4289, 8034)
    assert (ended["polls"], ended["response_id"], ended["error"]) == (1, "resp_1", None)
    (listed,) = (await service.http.get("/v1/tasks")).json()["data"]
    assert listed == {name: ended[name] for name in SUMMARY}


async def test_times_are_rfc_3339_in_utc_to_the_millisecond(service: Service) -> None:
    task = await service.submit()
    assert [task[name] is None for name in TIMES] == [False, True, True, True, True]
    await service.submitted(task["id"])
    await service.polled(task["id"], "queued")
    task = (await service.http.get(f"/v1/tasks/{task['id']}")).json()
    assert task["completed_at"] is None
    for name in {*TIMES} - {"completed_at"}:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", task[name])
    now = datetime.now(UTC)
    assert abs((now - datetime.fromisoformat(task["created_at"])).total_seconds()) < 60
    assert 0 < (datetime.fromisoformat(task["next_poll_at"]) - now).total_seconds() <= 61


async def test_the_same_key_and_body_is_the_same_task(service: Service) -> None:
    """Also when the conversation is spelled in another way, and after the task has ended."""
    headers = {"Idempotency-Key": "a key / with = signs"}
    first = await service.http.post("/v1/tasks", json={"input": "Why?"}, headers=headers)
    await service.completed(first.json()["id"])
    size = await service.size()
    spelled = {"input": [{"role": "user", "content": "Why?"}], "title": " "}
    again = await service.http.post("/v1/tasks", json=spelled, headers=headers)
    assert again.status_code == 202
    assert again.headers["idempotent-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"]
    assert again.json()["output_text"] == "Because."
    assert await service.size() == size


@pytest.mark.parametrize("other", [{"input": "Why not?"}, {"input": "Why?", "title": "Sky"}])
async def test_a_key_with_another_body_is_a_422(other: dict[str, Any], service: Service) -> None:
    headers = {"Idempotency-Key": "k"}
    first = await service.http.post("/v1/tasks", json={"input": "Why?"}, headers=headers)
    size = await service.size()
    reply = await service.http.post("/v1/tasks", json=other, headers=headers)
    (error,) = reply.json()["errors"]
    assert (reply.status_code, error["field"]) == (422, "Idempotency-Key")
    assert first.json()["id"] in error["message"]
    assert await service.size() == size


async def test_too_many_open_tasks_are_refused_until_one_ends(service: Any) -> None:
    async with service.client(max_open_tasks=2) as client:
        tasks = [await client.post("/v1/tasks", json={"input": "Why?"}) for _ in range(2)]
        size = await service.size()
        reply = await client.post("/v1/tasks", json={"input": "Why?"})
        assert (reply.status_code, reply.headers["retry-after"]) == (429, "60")
        assert reply.json()["type"] == "urn:backburner:problem:too-many-open-tasks"
        assert "Limit of 2 open tasks reached" in reply.json()["detail"]
        assert "BACKBURNER_MAX_OPEN_TASKS" in reply.json()["detail"]
        assert await service.size() == size
        await service.completed(tasks[0].json()["id"])
        assert (await client.post("/v1/tasks", json={"input": "Why?"})).status_code == 202


async def test_a_used_up_budget_is_no_reason_to_refuse_a_task(service: Any) -> None:
    """It is accepted and waits: what was handed in once need not be handed in again tomorrow."""
    await service.store.ledger.set_budgets({INSTALLATION: 1})
    async with service.client(daily_budget_usd="0.000001") as client:
        for _ in range(2):
            task = await client.post("/v1/tasks", json={"input": "Why?"})
            assert (task.status_code, task.json()["status"]) == (202, "queued")


async def titles(client: httpx.AsyncClient, **query: Any) -> tuple[list[str], str | None]:
    reply = await client.get("/v1/tasks", params=query)
    assert reply.status_code == 200, reply.text
    page = reply.json()
    return [task["title"] for task in page["data"]], page["next_cursor"]


async def test_the_list_is_newest_first_and_pages_hold_still(service: Service) -> None:
    assert await titles(service.http) == ([], None)
    for name in "abcde":
        await service.submit(name)
    assert await titles(service.http) == (list("edcba"), None)
    assert await titles(service.http, limit=5) == (list("edcba"), None)
    first, cursor = await titles(service.http, limit=2)
    await service.submit("f")
    second, cursor = await titles(service.http, limit=2, cursor=cursor)
    await service.submit("g")
    third, cursor = await titles(service.http, limit=2, cursor=cursor)
    assert (first, second, third, cursor) == (["e", "d"], ["c", "b"], ["a"], None)


async def test_a_page_has_50_tasks_unless_told(service: Service) -> None:
    for number in range(51):
        await service.submit(str(number))
    page, cursor = await titles(service.http)
    assert (len(page), await titles(service.http, cursor=cursor)) == (50, (["0"], None))


async def test_the_list_can_be_of_one_state(service: Service) -> None:
    ids = {name: (await service.submit(name))["id"] for name in "abcd"}
    await service.submitted(ids["b"])
    await service.completed(ids["c"])
    assert await titles(service.http, status="queued") == (["d", "a"], None)
    assert await titles(service.http, status="in_progress") == (["b"], None)
    assert await titles(service.http, status="completed") == (["c"], None)
    assert await titles(service.http, status="failed") == ([], None)
    first, cursor = await titles(service.http, status="queued", limit=1)
    assert (first, await titles(service.http, status="queued", cursor=cursor)) == (
        ["d"],
        (["a"], None),
    )


@pytest.mark.parametrize(
    ("field", "value", "advice"),
    [
        ("limit", "0", "Send 1 or more"),
        ("limit", "101", "Send 100 or less"),
        ("limit", "many", "Send an integer"),
        ("cursor", "-1", "next_cursor of the previous page"),
        ("cursor", "+inf", "next_cursor of the previous page"),
        ("cursor", "9" * 16, "next_cursor of the previous page"),
        ("cursor", "", "next_cursor of the previous page"),
        ("status", "done", "'queued'"),
    ],
)
async def test_a_bad_query_is_a_422(field: str, value: str, advice: str, service: Service) -> None:
    reply = await service.http.get("/v1/tasks", params={field: value})
    (error,) = reply.json()["errors"]
    assert (reply.status_code, error["field"]) == (422, field)
    assert advice in error["message"]


async def test_only_news_changes_the_etag(service: Service) -> None:
    path = f"/v1/tasks/{(await service.submit())['id']}"
    task_id = path.removeprefix("/v1/tasks/")

    async def etag(known: str = "none") -> tuple[int, str]:
        reply = await service.http.get(path, headers={"If-None-Match": known})
        assert bool(reply.content) == (reply.status_code == 200)
        return reply.status_code, reply.headers["etag"]

    _, queued = await etag()
    assert await etag(queued) == (304, queued)
    assert await etag(f'"other", {queued}') == (304, queued)
    assert await etag("*") == (304, queued)
    assert (await etag(f'"x{queued[3:]}'))[0] == 200
    await service.submitted(task_id)
    status, started = await etag(queued)
    assert (status, started != queued) == (200, True)
    await service.polled(task_id, "queued")
    assert (await service.http.get(path)).json()["polls"] == 1
    assert await etag(started) == (304, started)
    await service.polled(task_id, "in_progress")
    status, running = await etag(started)
    assert (status, running not in (queued, started)) == (200, True)


CALLS = [
    *(("GET", f"/v1/tasks/{{}}{below}") for below in ("", "/answer", "/response", "/thread")),
    *(("GET", url) for url in ("/v1/tasks/{}/progress", "/v1/events?task={}")),
    *(("POST", f"/v1/tasks/{{}}/{action}") for action in ("cancel", "abandon", "retry", "adopt")),
]
ZEROS = "0" * 32
INVALID = [
    *("task_x", f"task_{ZEROS[1:]}", f"task_{ZEROS}0", f"task_{'A' * 32}", f"task_{ZEROS}%0A"),
    *(f"task_{ZEROS}:input", "task_x:input", "*", "%00", "é"),
]


@pytest.mark.parametrize(("method", "url"), CALLS)
async def test_an_id_of_no_task_is_a_404(method: str, url: str, service: Service) -> None:
    """An invalid one is not even looked up in Redis."""
    body = {"response_id": "resp_7"} if url.endswith("adopt") else None
    for task_id in (f"task_{ZEROS}", *INVALID):
        reply = await service.http.request(method, url.format(task_id), json=body)
        assert problem(reply) == (404, "task-not-found"), task_id
        service.server.connected = False
