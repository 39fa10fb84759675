"""The short way takes what the long one takes, and answers the same to the letter."""

from typing import Any
from unittest.mock import ANY

import httpx
import pytest

from services.api.middleware.short_way import ShortWay

TURNS = [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": "Why?"}]
JSON = {"Content-Type": "application/json"}
KEY = {"Idempotency-Key": "k" * 255}


@pytest.fixture
def long_way(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Has everything go the long way from here on."""

    def close() -> None:
        monkeypatch.setattr("services.api.middleware.short_way._is_common", lambda _: False)

    return close


def shown(reply: httpx.Response) -> tuple[Any, ...]:
    """All of it but what differs between any two tasks."""
    changing = {"x-request-id", "location", "content-length"}
    headers = {name: value for name, value in reply.headers.items() if name not in changing}
    body = reply.json()
    return reply.status_code, headers, body | {"id": ANY, "created_at": ANY}


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"input": "Why?"}, {}),
        ({"input": "Why?" * 1_000, "title": " Sky "}, {}),
        ({"input": TURNS, "export": {"format": 1}, "parent_id": f"task_{1:032x}"}, KEY),
        ({"input": "Why?"}, {"Accept-Encoding": "identity"}),
        # What is wrong, or nothing can be done about:
        ({"input": ""}, {}),
        ({"input": []}, KEY),
        ({"input": "Why?", "model": "gpt-4"}, {}),
        ({"input": "Why?", "parent_id": f"task_{1:032x}"}, {}),
        ({"input": "Why?"}, {"Idempotency-Key": "k" * 256}),
        ({"input": "Why?"}, {"Idempotency-Key": ""}),
    ],
)
async def test_both_ways_end_alike(
    body: Any, headers: dict[str, str], client: httpx.AsyncClient, long_way: Any
) -> None:
    short = await client.post("/v1/tasks", json=body, headers=headers)
    long_way()
    if "Idempotency-Key" in headers and short.is_success:
        headers = {"Idempotency-Key": "another"}
    long = await client.post("/v1/tasks", json=body, headers=headers)
    assert shown(short) == shown(long)


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"{", b"null", b"[]", b'{"input": "\\ud800"}', b'{"input": NaN}'),
        *(b'\xef\xbb\xbf{"input": "Why?"}', b'{"input": "\xff"}', b"[" * 100_000),
        '{"input": "Why?"}'.encode("utf-16"),
    ],
)
async def test_json_at_its_edges_is_read_by_the_long_way(
    text: bytes, client: httpx.AsyncClient, long_way: Any
) -> None:
    short = await client.post("/v1/tasks", content=text, headers=JSON)
    long_way()
    assert shown(short) == shown(await client.post("/v1/tasks", content=text, headers=JSON))


async def test_a_replay_of_the_one_is_known_to_the_other(
    client: httpx.AsyncClient, long_way: Any
) -> None:
    first = await client.post("/v1/tasks", json={"input": TURNS}, headers=KEY)
    long_way()
    again = await client.post("/v1/tasks", json={"input": TURNS}, headers=KEY)
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"


async def test_what_comes_in_pieces_is_read_whole_by_whoever_takes_it() -> None:
    """Nothing of it is lost where the long way is taken after all."""
    pieces = [
        {"type": "http.request", "body": b'{"input"', "more_body": True},
        {"type": "http.request", "body": b": 1}", "more_body": False},
    ]
    came = iter([*pieces, {"type": "http.disconnect"}])
    seen = []

    async def receive() -> Any:
        return next(came)

    async def app(_: Any, receive: Any, __: Any) -> None:
        seen.extend([await receive() for _ in range(3)])

    headers = [(b"content-type", b"application/json"), (b"content-length", b"12")]
    scope = {"type": "http", "method": "POST", "path": "/v1/tasks", "query_string": b""}
    await ShortWay(app, None)(scope | {"headers": headers, "state": {"caller": 1}}, receive, None)  # type: ignore[arg-type]  # -- neither is used
    assert seen == [*pieces, {"type": "http.disconnect"}]
