"""A read with ``Prefer: wait`` answers as soon as there is news, and never later than asked."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from time import monotonic
from typing import Any

import httpx
import pytest
from starlette.types import Message

from services.api.events.broadcaster import EventBroadcaster
from services.api.events.long_poll import parse_prefer_wait
from shared.domain import changes
from shared.store import Store, TimedTask
from tests.services.api.conftest import Service
from tests.services.api.sse_client import Follower, get


@pytest.fixture
async def broadcaster(service: Any) -> AsyncIterator[EventBroadcaster]:
    async with service.broadcaster(limit=2) as broadcaster:
        yield broadcaster


@pytest.fixture
async def waiter(service: Any, broadcaster: EventBroadcaster) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose reads wait 5 seconds, unless told otherwise."""
    async with service.client(broadcaster=broadcaster) as client:
        client.headers["Prefer"] = "wait=5"
        yield client


async def path(submit: Any) -> str:
    return f"/v1/tasks/{(await submit())['id']}"


async def waiting(broadcaster: EventBroadcaster, clients: int = 1) -> None:
    """Return when a read waits."""
    async with asyncio.timeout(5):
        while broadcaster.clients < clients:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("prefer", "wait"),
    [
        (["wait=30"], 30),
        (["Wait = 30"], 30),
        (['wait="30"'], 30),
        (["wait=30; hint"], 30),
        (["respond-async, wait=30"], 30),
        (["return=minimal", "wait=30, wait=5"], 30),
        (["wait=61"], 60),
        (["wait=999999999"], 60),
        ([], None),
        (["respond-async"], None),
        (["wait"], None),
        (["wait=0"], None),
        (["wait=-1"], None),
        (["wait=1.5"], None),
        (['wait="3'], None),
        (["wait=9999999999"], None),
        (["wait=\u0661"], None),
        (["nowait=30"], None),
    ],
)
def test_the_preference_is_read_as_rfc_7240_writes_it(prefer: list[str], wait: int | None) -> None:
    assert parse_prefer_wait(prefer) == wait


@pytest.mark.parametrize(
    "known", [{}, {"If-None-Match": 'W/"1"'}], ids=["since now", "since a version"]
)
async def test_a_read_waits_for_news(
    known: dict[str, str],
    waiter: httpx.AsyncClient,
    broadcaster: EventBroadcaster,
    service: Service,
) -> None:
    url = await path(service.submit)
    read = asyncio.create_task(waiter.get(url, headers=known))
    await waiting(broadcaster)
    await service.submitted((await service.submit())["id"])  # another task's news is none
    await asyncio.sleep(0.05)
    assert not read.done()
    begun = monotonic()
    await service.submitted(url.rpartition("/")[2])
    reply = await read
    assert monotonic() - begun < 1
    assert (reply.status_code, reply.headers["preference-applied"]) == (200, "wait=5")
    assert reply.json()["status"] in ("submitting", "in_progress")
    assert reply.headers["etag"] == f'W/"{reply.json()["version"]}"'


@pytest.mark.parametrize(
    ("known", "status"), [({}, 200), ({"If-None-Match": 'W/"1"'}, 304)], ids=["200", "304"]
)
async def test_without_news_it_answers_in_the_end(
    known: dict[str, str], status: int, waiter: httpx.AsyncClient, service: Service
) -> None:
    url = await path(service.submit)
    begun = monotonic()
    reply = await waiter.get(url, headers={"Prefer": "wait=1", **known})
    assert 0.9 < monotonic() - begun < 2
    assert (reply.status_code, reply.headers["preference-applied"]) == (status, "wait=1")


async def test_a_newer_version_is_sent_at_once(waiter: httpx.AsyncClient, service: Service) -> None:
    url = await path(service.submit)
    async with asyncio.timeout(1):
        reply = await waiter.get(url, headers={"If-None-Match": 'W/"0"'})
    assert (reply.status_code, reply.headers["preference-applied"]) == (200, "wait=5")


async def test_an_ended_task_is_sent_at_once(waiter: httpx.AsyncClient, service: Service) -> None:
    url = await path(service.submit)
    await service.completed(url.rpartition("/")[2])
    async with asyncio.timeout(1):
        reply = await waiter.get(url)
    assert (reply.json()["output_text"], reply.headers["preference-applied"]) == (
        "Because.",
        "wait=5",
    )


async def test_one_that_is_watched_after_its_end_is_waited_for(
    waiter: httpx.AsyncClient, broadcaster: EventBroadcaster, service: Service
) -> None:
    url = await path(service.submit)
    task_id = url.rpartition("/")[2]
    await service.submitted(task_id)
    assert (await waiter.post(f"{url}/cancel")).json()["status"] == "cancelled"
    read = asyncio.create_task(waiter.get(url))
    await waiting(broadcaster)
    task = await service.task(task_id)
    assert await service.store.apply(changes.poll_again(task, 1, "cancelled", None, 1))
    assert (await read).json()["provider_status"] == "cancelled"


class ChangingStore(Store):
    """Changes a task right after it was first read, and lets the broadcaster hear of it."""

    broadcaster: EventBroadcaster | None = None

    async def load(self, task_id: str) -> TimedTask:
        loaded = await super().load(task_id)
        if self.broadcaster and loaded.task.version == 1:
            await self.apply(changes.claim(loaded.task, "token", 60_000))
            while self.broadcaster.position < 2:
                await asyncio.sleep(0.01)
        return loaded


async def test_a_change_in_between_is_seen(broadcaster: EventBroadcaster, service: Service) -> None:
    url = await path(service.submit)
    store = ChangingStore(service.redis, "simulator", confirm=False)
    store.broadcaster = broadcaster
    async with (
        replace(service, store=store).client(broadcaster=broadcaster) as client,
        asyncio.timeout(1),
    ):
        reply = await client.get(url, headers={"Prefer": "wait=5"})
    assert reply.json()["status"] == "submitting"


async def test_a_disconnect_frees_a_place(broadcaster: EventBroadcaster, service: Service) -> None:
    heard = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]

    async def receive() -> Message:
        await waiting(broadcaster)
        return heard.pop(0)

    async def send(_: Message) -> None:
        """Nobody is there to hear it."""

    request = get(await path(service.submit), prefer="wait=60")
    async with asyncio.timeout(1):
        await service.app(broadcaster=broadcaster)(request, receive, send)
    assert (heard, broadcaster.clients) == ([], 0)


async def test_where_no_more_may_wait_the_answer_comes_at_once(
    waiter: httpx.AsyncClient, broadcaster: EventBroadcaster, service: Service
) -> None:
    url = await path(service.submit)
    app = service.app(broadcaster=broadcaster)
    async with Follower(app), Follower(app), asyncio.timeout(1):
        reply = await waiter.get(url)
    assert reply.status_code == 200
    assert "preference-applied" not in reply.headers


async def test_a_stopping_server_answers_at_once(
    waiter: httpx.AsyncClient, broadcaster: EventBroadcaster, service: Service
) -> None:
    url = await path(service.submit)
    read = asyncio.create_task(waiter.get(url))
    await waiting(broadcaster)
    async with asyncio.timeout(1):
        broadcaster.close()
        assert (await read).status_code == 200
