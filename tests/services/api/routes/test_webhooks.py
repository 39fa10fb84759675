"""An event is taken only if OpenAI signed it, and only as a word on which response to look at."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from arq.jobs import deserialize_job_raw
from standardwebhooks.webhooks import Webhook

from shared import queue
from tests.services.api.conftest import problem

SECRET = "whsec_dGhlIHNlY3JldCBvZiB0aGVzZSB0ZXN0cw=="
PATH = "/v1/webhooks/openai"
ENDED = ("response.completed", "response.failed", "response.cancelled", "response.incomplete")


def event(kind: str = "response.completed", response_id: Any = "resp_1") -> bytes:
    return json.dumps({"object": "event", "type": kind, "data": {"id": response_id}}).encode()


def signed(body: bytes, *, age: float = 0, secret: str = SECRET) -> dict[str, str]:
    """The headers of an event that is so many seconds old."""
    time = datetime.now(UTC) - timedelta(seconds=age)
    return {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(time.timestamp())),
        "webhook-signature": Webhook(secret).sign("evt_1", time, body.decode()),
    }


@pytest.fixture
async def client(service: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with service.client(webhook_secret=SECRET) as client:
        yield client


@pytest.fixture
def jobs(service: Any) -> Callable[[], Any]:
    async def jobs() -> list[tuple[str, tuple[Any, ...]]]:
        found = []
        for key in sorted(await service.redis.keys("arq:job:webhook:*")):
            name, args, *_ = deserialize_job_raw(
                await service.redis.get(key), deserializer=queue.load
            )
            found.append((name, tuple(args)))
        assert await service.redis.zcard(queue.queue_name("simulator")) == len(found)
        return found

    return jobs


@pytest.mark.parametrize("kind", ENDED)
async def test_an_ended_response_is_polled(kind: str, client: httpx.AsyncClient, jobs: Any) -> None:
    body = event(kind)
    reply = await client.post(PATH, content=body, headers=signed(body))
    assert (reply.status_code, reply.content) == (204, b"")
    assert await jobs() == [("webhook", ("resp_1", 1))]


@pytest.mark.parametrize("response_id", ["caresp_1", "resp-1", "resp_a.b=", "a" * 512])
async def test_an_event_may_name_any_providers_id(
    response_id: str, client: httpx.AsyncClient, jobs: Any
) -> None:
    body = event(response_id=response_id)
    assert (await client.post(PATH, content=body, headers=signed(body))).status_code == 204
    assert await jobs() == [("webhook", (response_id, 1))]


async def test_the_same_event_twice_is_one_look(client: httpx.AsyncClient, jobs: Any) -> None:
    body = event()
    for _ in range(2):
        assert (await client.post(PATH, content=body, headers=signed(body))).status_code == 204
    assert len(await jobs()) == 1


@pytest.mark.parametrize(
    "body",
    [
        event("response.in_progress"),
        event("batch.completed"),
        event("response.completed", "resp_/../1"),
        event("response.completed", "a" * 513),
        event("response.completed", "resp 1"),
        event("response.completed", None),
        b'{"type":"response.completed"}',
        b"{}",
        b"[]",
        b"1",
    ],
    ids=lambda body: body[:60].decode(),
)
async def test_other_events_are_ignored(body: bytes, client: httpx.AsyncClient, jobs: Any) -> None:
    reply = await client.post(PATH, content=body, headers=signed(body))
    assert reply.status_code == 204
    assert await jobs() == []


FORGED: dict[str, Callable[[bytes], dict[str, str]]] = {
    "unsigned": lambda _: {},
    "another secret": lambda body: signed(body, secret="whsec_YW5vdGhlciBzZWNyZXQgZm9yIGl0"),
    "another body": lambda _: signed(event(response_id="resp_2")),
    "too old": lambda body: signed(body, age=600),
    "too new": lambda body: signed(body, age=-600),
    "another id": lambda body: signed(body) | {"webhook-id": "evt_2"},
    "no version": lambda body: signed(body) | {"webhook-signature": "nonsense"},
    "no signature of a known version": lambda body: signed(body) | {"webhook-signature": "v2,abc"},
    "no base64": lambda body: signed(body) | {"webhook-signature": "v1,a"},
    "no ASCII": lambda body: signed(body) | {"webhook-signature": "v1,é"},
    "no time": lambda body: signed(body) | {"webhook-timestamp": "now"},
    **{
        f"time {time}": lambda body, time=time: signed(body) | {"webhook-timestamp": time}
        for time in ("nan", "inf", "-1", "1e400", "99999999999999999999")
    },
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_what_openai_did_not_sign_just_now_is_refused(
    forge: Callable[[bytes], dict[str, str]], client: httpx.AsyncClient, jobs: Any
) -> None:
    body = event()
    headers = {name: value.encode() for name, value in forge(body).items()}
    reply = await client.post(PATH, content=body, headers=headers)
    assert problem(reply) == (401, "bad-signature")
    assert SECRET not in reply.text
    assert await jobs() == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[" * 60_000], ids=["empty", "broken", "no text", "deep"]
)
async def test_an_invalid_body_is_no_job(body: bytes, client: httpx.AsyncClient, jobs: Any) -> None:
    headers = signed(body) if body.isascii() else signed(b"")
    assert (await client.post(PATH, content=body, headers=headers)).status_code in (204, 401)
    assert await jobs() == []


async def test_without_a_secret_there_is_no_such_place(service: Any, jobs: Any) -> None:
    body = event()
    async with service.client() as client:
        assert (await client.post(PATH, content=body, headers=signed(body))).status_code == 404
    assert await jobs() == []


async def test_an_event_not_stored_is_a_503(client: httpx.AsyncClient, service: Any) -> None:
    """So that it comes again."""
    body = event()
    service.server.connected = False
    assert (await client.post(PATH, content=body, headers=signed(body))).status_code == 503
