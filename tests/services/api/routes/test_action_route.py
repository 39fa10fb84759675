"""A call without a conversation takes 64 KiB, and says so before it parses more."""

from collections.abc import AsyncIterator

import pytest
from fastapi.routing import APIRoute

from services.api.bootstrap.app import ROUTERS
from services.api.http.limits import MAX_ACTION_BYTES, MAX_JSON_VALUES
from services.api.routes.action_route import ActionRoute
from tests.services.api.conftest import Service, problem

CALLS = [
    ("POST", "/cancel"),
    ("POST", "/abandon"),
    ("POST", "/retry"),
    ("POST", "/adopt"),
    ("PATCH", ""),
    ("DELETE", ""),
]
JSON = {"Content-Type": "application/json"}


def test_every_call_that_reads_a_body_bounds_it() -> None:
    routes = [each for router in ROUTERS for each in router.routes if isinstance(each, APIRoute)]
    reading = [route for route in routes if route.body_field]
    assert [route.path for route in reading if not isinstance(route, ActionRoute)] == []


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_a_large_body_of_an_action_is_refused_with_the_limit(
    service: Service, method: str, path: str
) -> None:
    task = await service.submit("Why?")
    url, body = f"/v1/tasks/{task['id']}{path}", b"[" + b"[]," * (MAX_ACTION_BYTES // 3) + b"[]]"
    reply = await service.http.request(method, url, content=body, headers=JSON)
    assert problem(reply) == (413, "too-large")
    assert "64 KiB" in reply.json()["detail"]
    assert (await service.http.get(f"/v1/tasks/{task['id']}")).json()["status"] == "queued"


async def test_a_large_body_without_a_length_is_refused_too(service: Service) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(2):
            yield b" " * MAX_ACTION_BYTES

    task = await service.submit("Why?")
    url = f"/v1/tasks/{task['id']}"
    reply = await service.http.patch(url, content=pieces(), headers=JSON)
    assert problem(reply) == (413, "too-large")


async def test_a_body_up_to_the_limit_is_read(service: Service) -> None:
    task = await service.submit("Why?")
    body = b'{"title": "So"}'.ljust(MAX_ACTION_BYTES)
    reply = await service.http.patch(f"/v1/tasks/{task['id']}", content=body, headers=JSON)
    assert reply.json()["title"] == "So"


async def test_calls_of_openais_interface_are_bounded_too(service: Service) -> None:
    response = (
        await service.http.post("/v1/responses", json={"input": "Why?", "background": True})
    ).json()
    url = f"/v1/responses/{response['id']}/cancel"
    reply = await service.http.post(url, content=b" " * (MAX_ACTION_BYTES + 1), headers=JSON)
    assert reply.status_code == 413


async def test_instructions_may_be_long_but_not_of_many_values(service: Service) -> None:
    text = "é" * 50_000  # six bytes each in JSON
    saved = await service.http.put("/v1/presets/a", json={"name": "Long", "text": text})
    assert saved.json()["text"] == text
    body = b'{"name": [' + b"[]," * MAX_JSON_VALUES + b"[]]}"
    reply = await service.http.put("/v1/presets/a", content=body, headers=JSON)
    assert reply.status_code == 422
    assert "20,000 JSON values" in reply.json()["detail"]
