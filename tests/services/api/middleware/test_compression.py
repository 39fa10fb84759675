"""What is worth it travels compressed to whoever takes it so, and means the same."""

import gzip
from typing import Any

import httpx
import pytest

from services.api.middleware.compression import Compression

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
async def task_id(submit: Any, service: Any) -> str:
    task = await submit(LONG)
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
async def test_it_is_smaller_and_the_same(
    path: str, task_id: str, client: httpx.AsyncClient
) -> None:
    plain, content = await raw(client, path.replace("ID", task_id), None)
    reply, body = await raw(client, path.replace("ID", task_id), "gzip, deflate, br")
    assert "content-encoding" not in plain.headers
    assert reply.headers["content-encoding"] == "gzip"
    assert gzip.decompress(body) == content
    assert len(body) < len(content) / 2
    for each, sent in ((plain, content), (reply, body)):
        assert "Accept-Encoding" in each.headers["vary"]
        assert each.headers.get("content-length", str(len(sent))) == str(len(sent))


async def test_a_response_is_byte_for_byte_the_providers(
    task_id: str, client: httpx.AsyncClient
) -> None:
    assert (await client.get(f"/v1/tasks/{task_id}/response")).content == ANSWER


@pytest.mark.parametrize("path", ["/healthz", "/v1/tasks?status=failed", "/v1/nothing"])
async def test_what_is_small_stays_as_it_is(path: str, client: httpx.AsyncClient) -> None:
    reply, _ = await raw(client, path, "gzip")
    assert "content-encoding" not in reply.headers


@pytest.mark.parametrize(
    ("accepted", "compressed"),
    [
        *(("gzip", True), ("gzip;q=0.5, identity;q=0.1", True), ("br, GZIP", True)),
        *(("gzip;q=0", False), ("identity", False), ("br", False), ("", False), (None, False)),
        *(("identity, gzip;q=0.5", False), ("xgzip", False)),
    ],
)
async def test_the_client_has_the_word(
    accepted: str | None,
    compressed: bool,  # noqa: FBT001 -- drawn
    client: httpx.AsyncClient,
) -> None:
    reply, _ = await raw(client, "/scripts/main.js", accepted)
    assert ("content-encoding" in reply.headers) == compressed


async def test_no_two_sequences_of_bytes_share_a_strong_etag(client: httpx.AsyncClient) -> None:
    plain, _ = await raw(client, "/scripts/main.js", None)
    reply, _ = await raw(client, "/scripts/main.js", "gzip")
    assert plain.headers["etag"].startswith('"')
    assert reply.headers["etag"] == f"W/{plain.headers['etag']}"


@pytest.mark.parametrize("encoding", [None, "gzip"])
async def test_whoever_holds_either_form_is_told_that_nothing_changed(
    encoding: str | None, client: httpx.AsyncClient
) -> None:
    held, _ = await raw(client, "/scripts/main.js", encoding)
    for now in (None, "gzip"):
        headers = {"If-None-Match": held.headers["etag"]}
        reply, body = await raw(client, "/scripts/main.js", now, **headers)
        assert (reply.status_code, body) == (304, b"")
        assert "Accept-Encoding" in reply.headers["vary"]


async def test_an_event_leaves_when_it_happens_and_as_it_is() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def stream(_: Any, __: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        assert len(sent) == 1
        for count in (2, 3):
            await send({"type": "http.response.body", "body": b": x\n\n" * 999, "more_body": True})
            assert len(sent) == count

    scope: Any = {"type": "http", "headers": [(b"accept-encoding", b"gzip")]}
    await Compression(stream)(scope, None, send)  # type: ignore[arg-type]  # -- it reads nothing
    assert sent[0]["headers"] == [(b"content-type", b"text/event-stream; charset=utf-8")]
    assert [message["body"] for message in sent[1:]] == [b": x\n\n" * 999] * 2
