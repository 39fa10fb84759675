"""Each request has an id, in its answer and in every line about it, and is counted by its route."""

from typing import Any

import httpx
import pytest
import structlog
from structlog.testing import capture_logs

from services.api.middleware.request_log import REGISTRY, RequestLogMiddleware
from shared.runtime.ids import new_token
from tests.services.api.conftest import Service


def counted(**labels: str) -> float:
    name = "backburner_http_request_duration_seconds_count"
    return REGISTRY.get_sample_value(name, labels) or 0


@pytest.fixture
def log() -> Any:
    """The lines of a test, each with what was bound when it was written."""
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        yield lines


async def test_a_callers_own_id_is_kept(client: httpx.AsyncClient, log: Any) -> None:
    reply = await client.post(
        "/v1/tasks", json={"input": "Why?"}, headers={"X-Request-Id": "my-request.1"}
    )
    assert reply.headers["x-request-id"] == "my-request.1"
    assert [(line["event"], line["request_id"], line["accepted"]) for line in log] == [
        ("request_completed", "my-request.1", reply.json()["id"])
    ]


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a=1\tb", "ä"])
async def test_what_is_no_id_is_replaced(client: httpx.AsyncClient, given: str) -> None:
    ids = {
        (await client.get("/healthz", headers={"X-Request-Id": given.encode()})).headers[
            "x-request-id"
        ]
        for _ in range(2)
    }
    assert len(ids) == 2
    assert given not in ids


async def test_even_a_refusal_by_the_guard_has_one(client: httpx.AsyncClient) -> None:
    reply = await client.get("/healthz", headers={"Host": "evil.example"})
    assert (reply.status_code, len(reply.headers["x-request-id"])) == (421, 24)


async def test_changes_are_logged_with_their_task_and_reads_are_not(
    log: Any, service: Service
) -> None:
    task_id = (await service.submit())["id"]
    log.clear()
    await service.http.get(f"/v1/tasks/{task_id}")
    await service.http.post(f"/v1/tasks/{task_id}/cancel")
    [line] = log
    del line["request_id"], line["ms"]
    assert line == {
        "event": "request_completed",
        "log_level": "info",
        "method": "POST",
        "route": "/v1/tasks/{task_id}/cancel",
        "status": 200,
        "task": task_id,
    }


async def test_what_only_looks_like_a_task_stays_out_of_the_log(log: Any, service: Service) -> None:
    await service.http.post("/v1/tasks/task_%0aevil=1/cancel")
    assert "task" not in log[-1]
    assert "evil" not in str(log)


async def test_a_failing_read_is_logged(log: Any, service: Service) -> None:
    service.server.connected = False
    await service.http.get("/v1/tasks")
    assert [(line["event"], line["log_level"]) for line in log] == [
        ("store_unavailable", "warning"),
        ("request_completed", "warning"),
    ]
    assert log[0]["request_id"] == log[1]["request_id"]


async def test_health_is_no_failed_request(log: Any, service: Service) -> None:
    service.server.connected = False
    assert (await service.http.get("/readyz")).status_code == 503
    assert log == []


async def test_requests_are_counted_by_route_and_never_by_address(service: Service) -> None:
    read = {"method": "GET", "route": "/v1/tasks/{task_id}", "status": "404"}
    other = {"method": "other", "route": "none", "status": "405"}
    before = counted(**read), counted(**other)
    for number in range(3):
        await service.http.get(f"/v1/tasks/task_{number:032x}")
        await service.http.request(f"EVIL{number}", "/v1/tasks")
    assert counted(**read) - before[0] == 3
    every = [
        sample.labels for metric in REGISTRY.collect() for sample in metric.samples if sample.labels
    ]
    assert not [labels for labels in every if "EVIL" in str(labels) or "task_0" in str(labels)]


async def test_a_client_that_leaves_is_counted_too() -> None:
    async def leaves(*_: Any) -> None:
        """An application whose client is gone before it answers."""

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    left = {"method": "GET", "route": "none", "status": "499"}
    before = counted(**left)
    await RequestLogMiddleware(leaves, new_token)(scope, leaves, leaves)
    assert counted(**left) - before == 1
