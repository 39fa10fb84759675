"""Whatever goes wrong, the client gets a problem document that tells the truth."""

from typing import Any

import httpx
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError

from shared.domain.errors import WriteNotConfirmed
from shared.store import Store, TaskInsert
from shared.store.insert import InsertResult
from tests.services.api.conftest import Service

GET_ONLY = ["/docs/no", "/scripts/gone.js"]  # their routes are known
NAVIGATION = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW")
TASK = f"/v1/tasks/task_{0:032}"


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/", "/v1/nothing", "/v1/tasks/", f"{TASK}/nothing", "/nothing", *GET_ONLY]
)
async def test_an_unknown_address_is_a_404_for_every_method(path: str, service: Service) -> None:
    """Also for a browser that navigates there: nothing but / is a page."""
    for method in METHODS:
        if method != "GET" and path in GET_ONLY:
            continue
        reply = await service.http.request(method, path, headers=NAVIGATION)
        assert reply.status_code == 404
        assert reply.headers["content-type"] == "application/problem+json"
        if method != "HEAD":
            assert reply.json() == {
                "type": "urn:backburner:problem:not-found",
                "title": "Not found",
                "status": 404,
                "detail": "There is nothing at this address: see /docs.",
                "error": {
                    "message": "There is nothing at this address: see /docs.",
                    "type": "invalid_request_error",
                    "param": None,
                    "code": "not_found",
                },
            }


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/v1/tasks", "GET, POST"),
        ("PUT", TASK, "DELETE, GET, PATCH"),
        ("POST", f"{TASK}/answer", "GET"),
        ("POST", "/readyz", "GET"),
        ("POST", "/docs", "GET"),
    ],
)
async def test_another_method_is_a_405(
    method: str, path: str, allow: str, service: Service
) -> None:
    reply = await service.http.request(method, path)
    assert (reply.status_code, reply.headers["allow"]) == (405, allow)
    assert reply.json()["title"] == "Method not allowed"
    assert reply.json()["detail"].startswith(f"{method} is not allowed here.")


@pytest.mark.parametrize("path", ["/v1/tasks", TASK, f"{TASK}/answer", f"{TASK}/response"])
async def test_without_the_store_reading_is_a_503(path: str, service: Service) -> None:
    service.server.connected = False
    reply = await service.http.get(path)
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "5")
    assert reply.json()["type"] == "urn:backburner:problem:store-unavailable"
    assert reply.json()["detail"] == "Redis does not answer. Try again in 5 s."
    service.server.connected = True
    assert (await service.http.get(path)).status_code != 503


async def test_without_the_store_no_task_is_accepted(service: Service) -> None:
    service.server.connected = False
    call = {"json": {"input": "Why?"}, "headers": {"Idempotency-Key": "k"}}
    reply = await service.http.post("/v1/tasks", **call)
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "5")
    service.server.connected = True
    assert await service.size() == 0
    assert (await service.http.post("/v1/tasks", **call)).status_code == 202


class ReplyLost(Store):
    """A store whose connection breaks after the write."""

    async def insert(self, acceptance: TaskInsert) -> InsertResult:
        await super().insert(acceptance)
        raise RedisConnectionError


class Unconfirmed(Store):
    """A store whose disk says nothing."""

    async def insert(self, acceptance: TaskInsert) -> InsertResult:
        await super().insert(acceptance)
        raise WriteNotConfirmed(acceptance.id)


@pytest.mark.parametrize("kind", [ReplyLost, Unconfirmed])
async def test_a_task_that_may_have_been_taken_is_not_called_refused(
    kind: type[Store], service: Any, client: httpx.AsyncClient
) -> None:
    call = {"json": {"input": "Why?"}, "headers": {"Idempotency-Key": "k"}}
    service.store = kind(service.redis, "simulator", confirm=False)
    async with service.client() as unlucky:
        reply = await unlucky.post("/v1/tasks", **call)
    assert (reply.status_code, reply.headers["retry-after"]) == (503, "5")
    assert "the task may exist" in reply.json()["detail"]
    assert "same Idempotency-Key: that creates no second task" in reply.json()["detail"]
    assert (await client.post("/v1/tasks", **call)).headers["idempotent-replayed"] == "true"
    assert len((await client.get("/v1/tasks")).json()["data"]) == 1


class GoneAfterAccepting(Store):
    """A store that takes a task and answers nothing after."""

    async def insert(self, acceptance: TaskInsert) -> InsertResult:
        accepted = await super().insert(acceptance)
        self._redis.connection_pool.connection_kwargs["server"].connected = False
        return accepted


async def test_a_task_on_disk_is_a_202_whatever_happens_after(service: Any) -> None:
    service.store = GoneAfterAccepting(service.redis, "simulator", confirm=False)
    async with service.client() as client:
        reply = await client.post("/v1/tasks", json={"input": "Why?"})
    assert not service.server.connected
    assert reply.status_code == 202


async def test_an_unexpected_error_tells_nothing_of_the_inside(service: Any) -> None:
    def broken() -> str:
        raise RuntimeError("the inside")

    async with service.client(new_task_id=broken) as client:
        reply = await client.post("/v1/tasks", json={"input": "Why?"})
    assert reply.status_code == 500
    detail = "Internal error. The log of the API has the details."
    assert reply.json() == {
        "type": "urn:backburner:problem:internal-error",
        "title": "Internal error",
        "status": 500,
        "detail": detail,
        "error": {
            "message": detail,
            "type": "server_error",
            "param": None,
            "code": "internal_error",
        },
    }
