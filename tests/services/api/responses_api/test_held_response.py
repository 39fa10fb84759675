"""A client that waits for its response gets it whole when the task ends, and stops nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

import httpx
import orjson
import pytest
from starlette.types import Message

from services.api.auth.token import digest
from services.api.auth.token_registry import TokenRegistry
from services.api.events.broadcaster import EventBroadcaster
from services.api.middleware.authentication import MAX_ACTIVE_REQUESTS
from shared.domain.errors import TaskNotFound
from tests.event_stream import messages
from tests.services.api.conftest import Service

TEXT = "Because " * 1_000
PART = {"type": "output_text", "text": TEXT, "annotations": [{"type": "url_citation"}]}
OUTPUT = [
    {"type": "reasoning", "id": "rs_1", "summary": []},
    {"type": "web_search_call", "id": "ws_1", "status": "completed"},
    {"type": "message", "id": "msg_1", "role": "assistant", "content": [PART]},
]
HEARTBEAT_S = 0.02


@pytest.fixture
async def broadcaster(service: Service) -> AsyncIterator[EventBroadcaster]:
    async with service.broadcaster(limit=3, heartbeat=HEARTBEAT_S) as broadcaster:
        yield broadcaster


@pytest.fixture
def client(service: Service, broadcaster: EventBroadcaster) -> httpx.AsyncClient:
    return service.client(broadcaster=broadcaster)


class Caller:
    """A request under way within ``async with``; it can vanish."""

    def __init__(self, app: Any, body: dict[str, Any], **headers: str) -> None:
        self.body = b""
        self.status = 0
        self.complete = False
        self.headers: dict[str, str] = {}
        self._request = [{"type": "http.request", "body": orjson.dumps(body)}]
        self._gone = asyncio.Event()
        self._news = asyncio.Event()
        given = {"host": "localhost", "content-type": "application/json", **headers}
        self._scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/v1/responses",
            "raw_path": b"/v1/responses",
            "root_path": "",
            "query_string": b"",
            "headers": [
                (name.replace("_", "-").encode(), text.encode()) for name, text in given.items()
            ],
            "state": {},
        }
        self._app = app

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(self._app(self._scope, self._receive, self._send))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._gone.set()
        await asyncio.wait_for(self.task, 5)

    async def until(self, size: int) -> None:
        """Until so many bytes have come."""
        async with asyncio.timeout(5):
            while len(self.body) < size:
                self._news.clear()
                await self._news.wait()

    async def _receive(self) -> Message:
        if self._request:
            return self._request.pop()
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): text.decode() for name, text in message["headers"]}
            return
        self.body += message["body"]
        self.complete = not message.get("more_body", False)
        self._news.set()


async def only_task(service: Service) -> str:
    async with asyncio.timeout(5):
        while not (tasks := (await service.http.get("/v1/tasks")).json()["data"]):
            await asyncio.sleep(0)
    (task,) = tasks
    return str(task["id"])


async def end(service: Service, output: list[Any] = OUTPUT) -> str:
    task_id = await only_task(service)
    await service.completed(
        task_id, orjson.dumps({"status": "completed", "error": None, "output": output})
    )
    return task_id


def events(text: str) -> list[Any]:
    return [each.data for each in messages(text.split("\n")[:-1]) if each.event]


async def test_without_background_the_reply_comes_when_the_task_ends(
    client: httpx.AsyncClient, service: Service
) -> None:
    waiting = asyncio.create_task(client.post("/v1/responses", json={"input": "Why?"}))
    task_id = await end(service)
    reply = await waiting
    assert reply.json()["metadata"]["task_id"] == task_id
    assert (reply.status_code, reply.json()["output"]) == (200, OUTPUT)
    assert reply.headers["content-type"] == "application/json"


async def test_blanks_keep_the_connection_and_the_join_alive_and_a_retry_joins(
    service: Service, broadcaster: EventBroadcaster
) -> None:
    """Also for a client that accepts compression, which would hold the blanks back."""
    app, body = service.app(broadcaster=broadcaster), {"input": "Why?"}
    async with Caller(app, body, accept_encoding="gzip") as first:
        await only_task(service)
        (key,) = await service.redis.keys("backburner:same_body:*")
        await service.redis.pexpire(key, 60_000)
        await first.until(2)
        assert (first.status, first.body.strip()) == (200, b"")
        assert await service.redis.pttl(key) > 60_000
    assert first.headers["content-encoding"] == "identity"

    async with Caller(app, body, x_stainless_retry_count="1") as second:
        await second.until(1)
        task_id = await end(service)
        await second.task
    assert orjson.loads(second.body)["metadata"]["task_id"] == task_id


async def test_the_events_are_openais_in_openais_order(
    client: httpx.AsyncClient, service: Service
) -> None:
    body = {"input": "Why?", "stream": True}
    waiting = asyncio.create_task(client.post("/v1/responses", json=body))
    await end(service)
    reply = await waiting
    assert reply.headers["content-type"].startswith("text/event-stream")
    seen = events(reply.text)

    assert [event["sequence_number"] for event in seen] == list(range(len(seen)))
    assert [event["type"].removeprefix("response.") for event in seen] == [
        *("created", "in_progress"),
        *("output_item.added", "output_item.done") * 2,
        *("output_item.added", "content_part.added"),
        *("output_text.delta", "output_text.delta", "output_text.done"),
        *("content_part.done", "output_item.done", "completed"),
    ]
    assert {event["response"]["id"] for event in seen if "response" in event} == {
        seen[0]["response"]["id"]
    }
    assert [seen[n]["response"]["status"] for n in (0, 1, -1)] == [
        *("queued", "in_progress", "completed")
    ]
    added, part, *deltas = seen[6:10]
    assert (added["item"]["content"], part["part"]["text"]) == ([], "")
    assert "".join(delta["delta"] for delta in deltas) == TEXT
    assert seen[-2]["item"] == OUTPUT[2]
    assert seen[-1]["response"]["output"] == OUTPUT
    path = f"/v1/responses/{seen[0]['response']['id']}"
    for number in (1, 7, len(seen)):
        resumed = await client.get(path, params={"stream": True, "starting_after": number})
        assert events(resumed.text) == seen[number + 1 :]


async def test_a_refusal_and_items_without_ids_are_streamed_too(
    client: httpx.AsyncClient, service: Service
) -> None:
    refusal = {"type": "message", "content": [{"type": "refusal", "refusal": "No."}, {"type": "x"}]}
    waiting = asyncio.create_task(
        client.post("/v1/responses", json={"input": "Why?", "stream": True})
    )
    await end(service, [{"type": "reasoning"}, refusal])
    seen = events((await waiting).text)
    assert [event["delta"] for event in seen if event["type"] == "response.refusal.delta"] == [
        "No."
    ]
    assert len({event["item"]["id"] for event in seen if "item" in event}) == 2


async def test_a_task_that_does_not_complete_ends_the_stream_as_failed(
    client: httpx.AsyncClient, service: Service
) -> None:
    waiting = asyncio.create_task(
        client.post("/v1/responses", json={"input": "Why?", "stream": True})
    )
    await client.post(f"/v1/tasks/{await only_task(service)}/cancel")
    last = events((await waiting).text)[-1]
    assert (last["type"], last["response"]["status"]) == ("response.failed", "cancelled")


async def test_when_the_client_leaves_the_task_goes_on(
    service: Service, broadcaster: EventBroadcaster
) -> None:
    app = service.app(broadcaster=broadcaster)
    async with Caller(app, {"input": "Why?", "stream": True}) as caller:
        task_id = await only_task(service)
        await caller.until(1)
    assert broadcaster.clients == 0
    assert (await service.task(task_id)).status == "queued"


async def test_without_room_for_a_waiting_client_no_task_is_made(
    service: Service, broadcaster: EventBroadcaster
) -> None:
    app = service.app(broadcaster=broadcaster)
    body = {"input": "Why?"}
    async with Caller(app, body) as a, Caller(app, body) as b, Caller(app, body) as c:
        for caller in (a, b, c):
            await caller.until(1)
        async with Caller(app, body) as surplus:
            await surplus.task
        assert surplus.status == 503
    assert len((await service.http.get("/v1/tasks")).json()["data"]) == 3


async def test_a_task_deleted_meanwhile_is_a_failed_response(
    client: httpx.AsyncClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two looks at it."""

    async def gone(_: object, task_id: str) -> Any:
        raise TaskNotFound(task_id)

    waiting = asyncio.create_task(client.post("/v1/responses", json={"input": "Why?"}))
    task_id = await only_task(service)
    monkeypatch.setattr(type(service.store), "load_with_texts", gone)
    monkeypatch.setattr(type(service.store), "load", gone)
    shown = (await waiting).json()
    assert (shown["status"], shown["error"]["code"]) == ("failed", "deleted")
    assert shown["metadata"]["task_id"] == task_id


async def test_a_stopping_server_cuts_the_reply_off_so_that_the_client_retries(
    service: Service, broadcaster: EventBroadcaster
) -> None:
    app = service.app(broadcaster=broadcaster)
    caller = Caller(app, {"input": "Why?"})
    async with caller:
        await caller.until(1)
        broadcaster.close()
        await asyncio.wait_for(caller.task, 5)
    assert caller.body.strip() == b""
    assert not caller.complete


async def test_a_revoked_token_ends_the_waiting_and_leaves_the_task(
    service: Service, broadcaster: EventBroadcaster, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(f'[tokens.alice]\nsha256 = "{digest(b"bb_a")}"\n')
    tokens = TokenRegistry(file)
    app = service.app(broadcaster=broadcaster, token_registry=tokens)
    async with Caller(app, {"input": "Why?"}, authorization="Bearer bb_a") as caller:
        task_id = await only_task(service)
        await caller.until(1)
        file.write_text("")
        tokens.reload()
        await asyncio.wait_for(caller.task, 5)
    assert caller.body.strip() == b""
    assert (await service.task(task_id)).status == "queued"


async def test_one_owner_can_wait_for_more_responses_than_it_may_have_active_requests(
    service: Service, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(f'[tokens.alice]\nsha256 = "{digest(b"bb_a")}"\n')
    async with service.broadcaster(heartbeat=HEARTBEAT_S) as broadcaster, AsyncExitStack() as all_:
        app = service.app(broadcaster=broadcaster, token_registry=TokenRegistry(file))
        callers = [
            await all_.enter_async_context(
                Caller(app, {"input": str(number)}, authorization="Bearer bb_a")
            )
            for number in range(2 * MAX_ACTIVE_REQUESTS)
        ]
        for caller in callers:
            await caller.until(1)
