"""What is worth it travels compressed to whoever takes it so, and means the same."""

import gzip
from typing import Any

import httpx
import pytest

from tests.services.api.conftest import Service

LONG = "Why? " * 10_000
ANSWER = b'{"output":[{"type":"message","content":[{"type":"output_text","text":"%b"}]}]}' % (
    b"Because. " * 1_000
)


async def raw(client: httpx.AsyncClient, path: str, encoding: str | None, **headers: str) -> Any:
    """The reply and its body as they are on the wire; None sends no Accept-Encoding."""
    given = {**headers, **({} if encoding is None else {"Accept-Encoding": encoding})}
    request = client.build_request("GET", path, headers=given)
    if encoding is None:
        del request.headers["accept-encoding"]
    reply = await client.send(request, stream=True)
    return reply, b"".join([chunk async for chunk in reply.aiter_raw()])


@pytest.fixture
async def task_id(service: Service) -> str:
    task = await service.submit(LONG)
    await service.completed(task["id"], ANSWER)
    return str(task["id"])


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/scripts/main.js", "/styles/base.css", "/docs/swagger-ui.css", "/openapi.json"),
        *("/v1/tasks/ID", "/v1/tasks/ID/response", "/v1/tasks/ID/answer"),
        *("/v1/tasks/ID/export", "/v1/tasks/ID/thread/export"),
    ],
)
async def test_it_is_smaller_and_the_same(path: str, task_id: str, service: Service) -> None:
    plain, content = await raw(service.http, path.replace("ID", task_id), None)
    reply, body = await raw(service.http, path.replace("ID", task_id), "gzip, deflate, br")
    assert "content-encoding" not in plain.headers
    assert reply.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == content
    assert len(body) < len(content) / 2
    for each, sent in ((plain, content), (reply, body)):
        assert "Accept-Encoding" in each.headers["vary"]
        assert each.headers.get("content-length", str(len(sent))) == str(len(sent))


@pytest.mark.parametrize("path", ["/healthz", "/v1/tasks?status=failed", "/v1/nothing"])
async def test_what_is_small_stays_as_it_is(path: str, client: httpx.AsyncClient) -> None:
    reply, _ = await raw(client, path, "gzip")
    assert "content-encoding" not in reply.headers


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [("br, gzip", True), ("identity", False), ("", False), (None, False)],
)
async def test_only_a_client_that_accepts_gzip_gets_it(
    accepted: str | None,
    compressed: bool,  # noqa: FBT001 -- drawn
    client: httpx.AsyncClient,
) -> None:
    reply, _ = await raw(client, "/openapi.json", accepted)
    assert ("content-encoding" in reply.headers) == compressed
