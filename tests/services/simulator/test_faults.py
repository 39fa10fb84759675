"""A fault changes the calls that it was added for, and counts them."""

from json import JSONDecodeError
from typing import Any

import httpx
import pytest

from services.simulator.delivery import Reply
from services.simulator.faults import Fault, deliver

BODY = {"model": "gpt-5-pro", "input": "Why?", "background": True}


async def add_fault(client: Any, kind: str, operation: str, **settings: Any) -> None:
    order = {"kind": kind, "operation": operation, **settings}
    reply = await client.post("/control/faults", json=order)
    assert reply.status_code == 201, reply.text


async def fired(client: Any) -> list[int]:
    faults = (await client.get("/control/faults")).json()["data"]
    return [fault["fired"] for fault in faults]


@pytest.mark.parametrize(
    ("kind", "options", "status", "code"),
    [
        ("error", {}, 500, "server_error"),
        ("error", {"status": 503}, 503, "server_error"),
        ("error", {"status": 409}, 409, "server_error"),
        ("rate_limited", {}, 429, "rate_limit_exceeded"),
        ("quota", {}, 429, "insufficient_quota"),
        ("bad_key", {}, 401, "invalid_api_key"),
        ("forbidden", {}, 403, "insufficient_permissions"),
        ("model_retired", {}, 404, "model_not_found"),
    ],
)
async def test_an_error_stores_nothing_and_the_next_call_succeeds(
    kind: str, options: dict[str, int], status: int, code: str, client: Any
) -> None:
    await add_fault(client, kind, "create", **options)
    spoiled = await client.post("/v1/responses", json=BODY)
    assert (spoiled.status_code, spoiled.json()["error"]["code"]) == (status, code)
    assert (await client.post("/v1/responses", json=BODY)).status_code == 200
    assert await fired(client) == [1]
    entries = (await client.get("/control/requests")).json()["data"]
    assert [entry["status"] for entry in entries] == [status, 200]
    assert [entry["fault"] for entry in entries] == [kind, None]
    assert entries[0]["response_id"] is None


@pytest.mark.parametrize(
    ("options", "kind", "content"),
    [
        ({"status": 404, "body": {"detail": "Gone"}}, "application/json", '{"detail":"Gone"}'),
        ({"status": 200, "text": "<html>"}, "text/html", "<html>"),
    ],
)
async def test_a_reply_is_sent_as_given(
    options: dict[str, Any], kind: str, content: str, client: Any
) -> None:
    await add_fault(client, "reply", "create", **options)
    reply = await client.post("/v1/responses", json=BODY)
    assert (reply.status_code, reply.text) == (options["status"], content)
    assert reply.headers["content-type"].startswith(kind)


async def test_a_rate_limit_has_retry_headers_only_if_they_are_set(client: Any) -> None:
    await add_fault(client, "rate_limited", "retrieve", retry_after=2, retry_after_ms=1500)
    await add_fault(client, "rate_limited", "retrieve")
    told = (await client.get("/v1/responses/resp_1")).headers
    assert (told["retry-after"], told["retry-after-ms"]) == ("2", "1500")
    assert "retry-after" not in (await client.get("/v1/responses/resp_1")).headers


@pytest.mark.parametrize("kind", ["hang", "accept_then_hang"])
def test_a_hang_takes_the_seconds_that_are_set(kind: str) -> None:
    switch = Fault(kind=kind, operation="retrieve", seconds=9)
    assert deliver(switch, "resp_1", lambda: Reply(200, b"{}")).wait == 9


@pytest.mark.parametrize("kind", ["accept_then_error", "broken_json", "accept_then_hang"])
async def test_a_create_can_be_stored_and_answered_badly(kind: str, client: Any) -> None:
    await add_fault(client, kind, "create", status=502, seconds=0.01)
    reply = await client.post("/v1/responses", json=BODY)
    (entry,) = (await client.get("/control/requests")).json()["data"]
    response_id = entry["response_id"]
    assert (await client.get(f"/v1/responses/{response_id}")).status_code == 200
    if kind == "accept_then_error":
        assert reply.status_code == 502
    elif kind == "broken_json":
        assert reply.status_code == 200
        with pytest.raises(JSONDecodeError):
            reply.json()
    else:
        assert reply.json()["id"] == response_id


async def test_a_response_is_missing_once_and_then_there(ask: Any, client: Any) -> None:
    url = f"/v1/responses/{(await ask('Why?'))['id']}"
    await add_fault(client, "not_found", "retrieve")
    assert [(await client.get(url)).status_code for _ in range(2)] == [404, 200]


@pytest.mark.parametrize(
    ("operation", "method", "path"),
    [
        ("cancel", "POST", "/v1/responses/resp_1/cancel"),
        ("delete", "DELETE", "/v1/responses/resp_1"),
        ("input_items", "GET", "/v1/responses/resp_1/input_items"),
        ("model", "GET", "/v1/models/gpt-5-pro"),
    ],
)
async def test_a_fault_affects_only_its_operation(
    operation: str, method: str, path: str, client: Any
) -> None:
    await add_fault(client, "forbidden", operation)
    assert (await client.get("/v1/responses/resp_1")).status_code == 404
    assert (await client.request(method, path)).status_code == 403


async def test_a_slow_body_arrives_whole(ask: Any, client: Any) -> None:
    created = await ask("Why?")
    await add_fault(client, "slow_body", "retrieve", seconds=0.02)
    assert (await client.get(f"/v1/responses/{created['id']}")).json() == created


async def test_faults_of_one_operation_fire_in_order_as_often_as_told(client: Any) -> None:
    await add_fault(client, "error", "retrieve", times=2)
    await add_fault(client, "forbidden", "retrieve", times=None)
    replies: list[httpx.Response] = [await client.get("/v1/responses/resp_1") for _ in range(5)]
    assert [reply.status_code for reply in replies] == [500, 500, 403, 403, 403]
    assert await fired(client) == [2, 3]


async def test_clearing_removes_faults_and_counters(client: Any) -> None:
    await add_fault(client, "error", "retrieve", times=None)
    assert (await client.delete("/control/faults")).json() == {"cleared": 1}
    assert (await client.get("/v1/responses/resp_1")).status_code == 404
    assert await fired(client) == []


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "eror", "operation": "create"},
        {"kind": "error", "operation": "webhook"},
        {"kind": "duplicate", "operation": "create"},
        {"kind": "error", "operation": "create", "tims": 2},
        {"kind": "error", "operation": "create", "times": 0},
    ],
)
async def test_an_invalid_fault_is_refused(order: Any, client: Any) -> None:
    assert (await client.post("/control/faults", json=order)).status_code == 400
