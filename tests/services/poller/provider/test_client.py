"""One call is one request, and whatever happens on the wire is a value."""

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import unquote

import pytest

from services.poller.provider.client import Provider
from services.poller.results import (
    MAX_BODY_BYTES,
    BodyTooLarge,
    CallResult,
    ConnectFailed,
    NoReply,
    Reply,
)
from shared.openai import request
from shared.openai.model import ACTIVE
from tests.services.poller.stub_server import (
    BROKEN_OFF,
    DRIPPING,
    DROPPED,
    Answer,
    Upstream,
    answer,
    upstream,
)

CONVERSATION = [{"role": "user", "content": [{"type": "input_text", "text": "H\u00ebllo"}]}]
Call = Callable[[Provider], Awaitable[CallResult]]
CALLS: dict[str, tuple[Call, str]] = {
    "create": (lambda to: to.create(CONVERSATION, "task_1", "task_1-1"), "post /v1/responses"),
    "retrieve": (lambda to: to.retrieve("resp_1"), "get /v1/responses/resp_1"),
    "cancel": (lambda to: to.cancel("resp_1"), "post /v1/responses/resp_1/cancel"),
    "delete": (lambda to: to.delete("resp_1"), "delete /v1/responses/resp_1"),
    "model": (lambda to: to.retrieve_model(), f"get /v1/models/{ACTIVE.name}"),
}
every_call = pytest.mark.parametrize(("call", "asks"), CALLS.values(), ids=CALLS)
create, _ = CALLS["create"]


@asynccontextmanager
async def behind(given: Answer, seconds: float = 10) -> AsyncIterator[tuple[Provider, Upstream]]:
    async with upstream(given) as server:
        provider = Provider("sk-test", server.url, submit_timeout=seconds, poll_timeout=seconds)
        yield provider, server
        await provider.close()


async def test_an_account_is_told_from_another_and_its_key_is_not_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def account(key: str = "sk-test", url: str = "http://127.0.0.1:9/v1") -> str:
        provider = Provider(key, url, submit_timeout=1, poll_timeout=1)
        await provider.close()
        return provider.account_id

    first = await account()
    assert await account() == first
    others = {await account("sk-other"), await account(url="http://127.0.0.1:8/v1")}
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj_1")
    assert len({first, await account(), *others}) == 4
    assert len(first) == 4


async def test_the_post_is_the_fixed_request_with_the_key_and_the_attempts_id() -> None:
    async with behind(answer(200)) as (provider, server):
        await create(provider)
    assert server.json == request.build(CONVERSATION, "task_1")
    assert "authorization: bearer sk-test\r\n" in server.heads[0]
    assert "x-client-request-id: task_1-1\r\n" in server.heads[0]


@pytest.mark.parametrize("response_id", ["resp_a.b=", "litellm:x@1", "a?b#c%2f", "ä", "x" * 512])
async def test_an_id_of_any_form_is_one_part_of_the_path(response_id: str) -> None:
    async with behind(answer(200)) as (provider, server):
        for call in (provider.retrieve, provider.cancel, provider.delete):
            await call(response_id)
    paths = [unquote(asked.split()[1]).removesuffix("/cancel") for asked in server.asked]
    assert paths == [f"/v1/responses/{response_id}"] * 3


@every_call
@pytest.mark.parametrize("packed", [False, True])
async def test_a_call_sends_the_key_and_returns_the_reply_as_its_bytes(
    call: Call, asks: str, *, packed: bool
) -> None:
    body = b'{ "id": "resp_1",\n "new": [] }'
    headers = {"Server": "A-Name", "X_Request_Id": "r"}
    given = answer(200, body, **headers)
    if packed:
        given = answer(200, gzip.compress(body), Content_Encoding="gzip", **headers)
    async with behind(given) as (provider, server):
        result = await call(provider)
    assert isinstance(result, Reply)
    assert (result.status, result.body) == (200, body)
    assert (result.headers["server"], result.headers["x-request-id"]) == ("A-Name", "r")
    assert server.asked == [asks]
    assert "authorization: bearer sk-test\r\n" in server.heads[0]


@every_call
@pytest.mark.parametrize("status", [307, 308, 400, 401, 404, 408, 409, 429, 500, 503])
async def test_a_refusal_is_a_reply_and_not_retried(call: Call, asks: str, status: int) -> None:
    given = answer(status, b"<no>", Retry_After="0", Location="/v1/elsewhere")
    async with behind(given) as (provider, server):
        result = await call(provider)
    assert isinstance(result, Reply)
    assert (result.status, result.body, result.headers["retry-after"]) == (status, b"<no>", "0")
    assert server.asked == [asks]


@every_call
@pytest.mark.parametrize("given", [DROPPED, BROKEN_OFF], ids=["dropped", "broken off"])
async def test_a_connection_that_breaks_after_the_request_loses_the_answer(
    call: Call, asks: str, given: Answer
) -> None:
    async with behind(given) as (provider, server):
        result = await call(provider)
    assert isinstance(result, NoReply)
    assert result.reason == "RemoteProtocolError"
    assert server.asked == [asks]


@every_call
async def test_an_error_that_repeats_the_key_is_kept_without_it(call: Call, asks: str) -> None:
    async with behind(answer(401, b'{"error":"sk-test is wrong: sk-test"}')) as (provider, server):
        result = await call(provider)
    assert isinstance(result, Reply)
    assert result.body == b'{"error":"(the key) is wrong: (the key)"}'
    assert server.asked == [asks]


@every_call
async def test_a_base_url_may_be_a_host_alone(call: Call, asks: str) -> None:
    async with upstream(answer(200)) as server:
        host = server.url.removesuffix("/v1")
        provider = Provider("sk-test", host, submit_timeout=10, poll_timeout=10)
        await call(provider)
        await provider.close()
    assert server.asked == [asks.replace("/v1", "")]


async def test_a_refused_connection_proves_that_nothing_was_sent() -> None:
    async with behind(answer(200)) as (_, server):
        pass
    provider = Provider("sk-test", server.url, submit_timeout=10, poll_timeout=10)
    assert await create(provider) == ConnectFailed("ConnectError")
    await provider.close()


async def test_a_proxy_that_opens_no_tunnel_proves_that_nothing_was_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with upstream(answer(407)) as server:
        monkeypatch.setenv("HTTPS_PROXY", server.url.removesuffix("/v1"))
        monkeypatch.delenv("NO_PROXY", raising=False)
        provider = Provider(
            "sk-test", "https://api.provider.test/v1", submit_timeout=10, poll_timeout=10
        )
        assert await create(provider) == ConnectFailed("ProxyError")
        await provider.close()


async def test_a_reply_that_never_ends_times_out() -> None:
    async with behind(DRIPPING, seconds=0.5) as (provider, server):
        result = await asyncio.wait_for(create(provider), 10)
    assert result == NoReply("no answer within 0.5 s")
    assert server.asked == ["post /v1/responses"]


@pytest.mark.parametrize(
    ("length", "expected"),
    [(MAX_BODY_BYTES, Reply), (MAX_BODY_BYTES + 1, BodyTooLarge)],
    ids=["just", "beyond"],
)
async def test_a_body_is_read_up_to_its_limit(length: int, expected: type[CallResult]) -> None:
    async with behind(answer(200, bytes(length))) as (provider, _):
        assert isinstance(await provider.retrieve("resp_1"), expected)


TWICE = gzip.compress(gzip.compress(bytes(4 * MAX_BODY_BYTES)))
HUGE: dict[str, tuple[bytes, bytes, bytes]] = {
    "600 MiB": (b"Content-Length: 629145600", b"", bytes(2**16)),
    "600 MiB after the end of the packed body": (
        b"Content-Encoding: gzip\r\nContent-Length: 629145600",
        *(gzip.compress(b""), bytes(2**16)),
    ),
    "packed twice": (
        b"Content-Encoding: gzip, gzip\r\nContent-Length: %d" % len(TWICE),
        *(TWICE, b""),
    ),
}
"""Headers, the body, and what follows it without end."""


@pytest.mark.parametrize(
    ("call", "status", "kind"),
    [(call, 503, "600 MiB") for call in CALLS]
    + [("retrieve", status, kind) for status in (200, 302, 503) for kind in HUGE],
)
async def test_every_reply_is_bounded_on_the_wire_and_unpacked(
    call: str, status: int, kind: str
) -> None:
    headers, body, more = HUGE[kind]
    given = Answer(b"HTTP/1.1 %d Whatever\r\n%b\r\n\r\n%b" % (status, headers, body), more=more)
    tracemalloc.start()
    async with behind(given) as (provider, server):
        result = await CALLS[call][0](provider)
        _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert server.asked == [CALLS[call][1]]
    assert server.sent < 2 * MAX_BODY_BYTES
    assert peak < 6 * MAX_BODY_BYTES
    if status == 200:
        assert result == BodyTooLarge(MAX_BODY_BYTES)
    else:  # what it means is in its status
        assert isinstance(result, Reply)
        assert result.status == status
        assert len(result.body) <= MAX_BODY_BYTES
