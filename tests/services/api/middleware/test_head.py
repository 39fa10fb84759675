"""Wherever GET is answered HEAD is, with the same headers and without a body."""

from typing import Any

import httpx
import pytest

from services.api.middleware.head import Head

ANSWER = b'{"output":[{"type":"message","content":[{"type":"output_text","text":"Because."}]}]}'


@pytest.mark.parametrize(
    "path",
    [
        *("/v1/tasks", "/v1/tasks/ID", "/v1/tasks/ID/answer", "/v1/tasks/ID/response"),
        *("/healthz", "/readyz", "/docs", "/openapi.json", "/", "/favicon.svg"),
        *("/v1/tasks/nonsense", "/v1/nothing", "/v1/tasks?limit=0"),
    ],
)
async def test_a_head_says_what_a_get_would(
    path: str, client: httpx.AsyncClient, submit: Any, service: Any
) -> None:
    task_id = (await submit())["id"]
    await service.completed(task_id, ANSWER)
    address = path.replace("ID", task_id)
    told, got = [await client.request(method, address) for method in ("HEAD", "GET")]
    assert told.status_code == got.status_code
    assert told.content == b""
    assert got.content
    same = {"content-type", "content-length", "etag", "content-security-policy", "cache-control"}
    assert {name: told.headers.get(name) for name in same} == {
        name: got.headers.get(name) for name in same
    }


async def test_the_body_is_kept_back_before_it_leaves_the_application() -> None:
    """A client would not even notice: the server that is used here keeps it back too."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def hello(scope: Any, _: Any, send: Any) -> None:
        body = b"hello" if scope["method"] == "GET" else b"other"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    for method, path, body in (
        ("HEAD", "/", b""),
        ("GET", "/", b"hello"),
        ("HEAD", "/v1/events", b"other"),
    ):
        sent.clear()
        scope: Any = {"type": "http", "method": method, "path": path}
        await Head(hello)(scope, None, send)  # type: ignore[arg-type]  # -- it reads nothing
        assert [message.get("body") for message in sent] == [None, body]
        assert scope["method"] == method


async def test_a_head_knows_what_is_unchanged(client: httpx.AsyncClient, submit: Any) -> None:
    address = f"/v1/tasks/{(await submit())['id']}"
    tag = (await client.head(address)).headers["etag"]
    assert (await client.head(address, headers={"If-None-Match": tag})).status_code == 304


async def test_what_only_takes_a_change_takes_no_head(client: httpx.AsyncClient) -> None:
    assert (await client.head("/v1/webhooks/openai")).status_code == 405


async def test_a_stream_without_an_end_takes_no_head(client: httpx.AsyncClient) -> None:
    assert (await client.head("/v1/events")).status_code == 405
