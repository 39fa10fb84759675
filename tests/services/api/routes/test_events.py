"""The event stream tells every change once and in order, and says so where it cannot."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.types import ASGIApp

from services.api.auth.principal import Principal, PrincipalDep
from services.api.events.broadcaster import EventBroadcaster
from services.api.problems.exception_handlers import register_exception_handlers
from services.api.routes import events
from shared.runtime.ids import new_task_id
from shared.store import TaskInsert, keys
from tests.event_stream import Message, messages
from tests.services.api.conftest import Service
from tests.services.api.sse_client import Follower


@pytest.fixture
async def broadcaster(service: Any) -> AsyncIterator[EventBroadcaster]:
    async with service.broadcaster() as broadcaster:
        yield broadcaster


@pytest.fixture
def app(service: Any, broadcaster: EventBroadcaster) -> ASGIApp:
    app: ASGIApp = service.app(broadcaster=broadcaster)
    return app


async def test_it_begins_with_the_time_and_where_it_begins(app: ASGIApp, submit: Any) -> None:
    await submit()
    await submit()
    async with Follower(app, accept_encoding="gzip") as follower:
        hello = await follower.next()
        assert (hello.event, hello.id) == ("hello", 2)
        assert hello.data["heartbeat_s"] == 15
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", hello.data["server_time"])
        assert b"retry: 1000\n" in follower.body
        assert follower.headers["content-type"].startswith("text/event-stream")
        assert "content-encoding" not in follower.headers
        assert follower.headers["cache-control"] == "no-store"
        assert follower.silent


async def test_every_change_is_sent_once_as_a_summary(app: ASGIApp, service: Service) -> None:
    async with Follower(app) as follower:
        task = await service.submit()
        await service.completed(task["id"])
        seen = [await follower.next() for _ in range(5)]
        assert [(message.event, message.id) for message in seen] == [
            ("hello", 0),
            *(("task", number) for number in range(1, 5)),
        ]
        (listed,) = (await service.http.get("/v1/tasks")).json()["data"]
        assert seen[-1].data == listed
        assert follower.silent


async def test_a_poll_without_news_is_none(app: ASGIApp, service: Service) -> None:
    task_id = (await service.submit())["id"]
    await service.submitted(task_id)
    async with Follower(app) as follower:
        hello = await follower.next()
        await service.polled(task_id, "queued")
        await service.polled(task_id, "in_progress")
        news = await follower.next()
        assert (news.id, news.data["provider_status"]) == (hello.id + 1, "in_progress")


@pytest.mark.parametrize("how", ["header", "query", "both"])
async def test_a_reconnect_gets_what_it_missed(how: str, app: ASGIApp, service: Service) -> None:
    """A browser comes back with the old address and a new header."""
    for _ in range(5):
        await service.submit()
    query = {"header": "", "query": "last_event_id=3", "both": "last_event_id=1"}[how]
    header = {} if how == "query" else {"last_event_id": "3"}
    async with Follower(app, query, **header) as follower:
        hello = await follower.next()
        assert (hello.event, hello.id) == ("hello", None)
        await service.submit()
        assert [(await follower.next()).id for _ in range(3)] == [4, 5, 6]
        assert follower.silent


async def test_a_trimmed_stream_sends_resync_and_goes_on(app: ASGIApp, service: Service) -> None:
    for _ in range(5):
        await service.submit()
    await service.redis.xtrim(keys.EVENTS, maxlen=2, approximate=False)
    async with service.broadcaster() as restarted:
        app = service.app(broadcaster=restarted)
        async with Follower(app, last_event_id="3") as follower:
            assert [(await follower.next()).id for _ in range(3)] == [None, 4, 5]
        async with Follower(app, last_event_id="2") as follower:
            await follower.next()
            assert await follower.next() == Message("resync", {"reason": "too_old"}, 5)
            await service.submit()
            assert (await follower.next()).id == 6


@pytest.mark.parametrize("last", ["4", "999999999999999", "9" * 16, "-1", "x", "1-0", "\u0661"])
async def test_an_event_that_never_was_is_a_resync(
    last: str, app: ASGIApp, broadcaster: EventBroadcaster, service: Service
) -> None:
    await service.submit()
    async with asyncio.timeout(5):
        while broadcaster.position < 1:
            await asyncio.sleep(0.01)
    async with Follower(app, last_event_id=last) as follower:
        await follower.next()
        assert await follower.next() == Message("resync", {"reason": "unknown"}, 1)
        await service.submit()
        assert (await follower.next()).id == 2


async def test_one_task_can_be_followed_alone(app: ASGIApp, service: Service) -> None:
    task_id, other = (await service.submit())["id"], (await service.submit())["id"]
    async with Follower(app, f"task={task_id}") as follower:
        await follower.next()
        await service.submitted(other)
        await service.completed(task_id)
        seen = [await follower.next() for _ in range(3)]
        assert {message.data["id"] for message in seen} == {task_id}
        assert [message.id for message in seen] == [5, 6, 7]
    async with Follower(app, f"task={task_id}") as follower:
        assert (await follower.next()).event == "hello"


async def test_a_deleted_task_is_told_by_its_id(app: ASGIApp, service: Service) -> None:
    """Its earlier changes are told no more, there being nothing to show."""
    task_id = (await service.submit())["id"]
    await service.redis.delete(keys.record(task_id))
    await service.redis.incr(keys.CHANGE_COUNTER)
    entry = {"task": task_id, "status": "deleted", "version": 2, "owner": ""}
    await service.redis.xadd(keys.EVENTS, entry, "2-0")
    async with Follower(app, last_event_id="0") as follower:
        await follower.next()
        assert await follower.next() == Message("deleted", {"id": task_id}, 2)


async def test_an_owner_gets_no_others_events(service: Any, broadcaster: EventBroadcaster) -> None:
    app = FastAPI()
    app.include_router(events.router)
    app.state.context = service.context(broadcaster=broadcaster)
    register_exception_handlers(app)
    (dependency,) = PrincipalDep.__metadata__  # type: ignore[attr-defined] -- typing has no name for it
    app.dependency_overrides[dependency.dependency] = lambda: Principal("ann", admin=False)
    ids = {}
    async with Follower(app) as follower:
        await follower.next()
        for owner in (None, "bob", "ann"):
            ids[owner] = new_task_id()
            acceptance = TaskInsert(ids[owner], "simulator", "", b"[]", limit=9, owner=owner)
            await service.store.insert(acceptance)
        news = await follower.next()
        assert (news.data["id"], news.id) == (ids["ann"], 3)
    async with Follower(app, f"task={ids['bob']}") as follower:
        assert follower.status == 404


async def test_silence_is_broken_and_keeps_the_place(service: Service) -> None:
    """Also where others are told of plenty: the id is that of the last event of all."""
    task_id = (await service.submit())["id"]
    async with (
        service.broadcaster(heartbeat=0.3) as broadcaster,
        Follower(service.app(broadcaster=broadcaster), f"task={task_id}") as follower,
    ):
        hello = await follower.next()
        assert hello.data["heartbeat_s"] == 0.3
        assert await follower.next() == Message("", "heartbeat", 1)
        await service.submit()
        assert await follower.next() == Message("", "heartbeat", 2)


async def test_clients_have_a_limit_and_a_disconnect_frees_a_place(service: Service) -> None:
    async with service.broadcaster(limit=2) as broadcaster:
        app = service.app(broadcaster=broadcaster)
        async with Follower(app) as first, Follower(app):
            async with Follower(app) as refused:
                assert (refused.status, refused.headers["retry-after"]) == (503, "30")
                assert b"urn:backburner:problem:too-many-event-subscribers" in refused.body
                assert b"BACKBURNER_MAX_EVENT_SUBSCRIBERS" in refused.body
            await first.vanish()
            async with Follower(app) as next_one:
                assert next_one.status == 200
                await service.submit()
                assert [(await next_one.next()).event for _ in range(2)] == ["hello", "task"]
        async with Follower(app, "task=task_x"), Follower(app, "task=task_x"):
            pass
        async with Follower(app), Follower(app) as second:
            assert second.status == 200  # what was refused holds no place


async def test_a_slow_client_misses_nothing(app: ASGIApp, service: Service) -> None:
    async with Follower(app) as slow, Follower(app) as quick:
        await quick.next()
        slow.reads.clear()
        for number in range(1, 251):
            await service.submit()
            assert (await quick.next()).id == number
        slow.reads.set()
        await slow.next()
        assert [(await slow.next()).id for _ in range(250)] == [*range(1, 251)]


async def test_a_stop_sends_shutdown(app: ASGIApp, broadcaster: EventBroadcaster) -> None:
    async with Follower(app) as follower:
        await follower.next()
        broadcaster.close()
        assert await follower.ended() == [Message("shutdown", {}, None)]
    async with Follower(app) as late:
        assert [message.event for message in await late.ended()] == ["hello", "shutdown"]


async def test_it_does_not_begin_without_the_store(app: ASGIApp, service: Any) -> None:
    service.server.connected = False
    async with Follower(app) as follower:
        assert (follower.status, follower.headers["retry-after"]) == (503, "5")
        assert follower.headers["content-type"] == "application/problem+json"


async def test_the_described_stream_is_a_true_one(service: Service) -> None:
    description = (await service.http.get("/openapi.json")).json()
    answer = description["paths"]["/v1/events"]["get"]["responses"]["200"]["content"]
    example = answer["text/event-stream"]["example"]
    told = [*messages(example.split("\n"))]
    assert [message.event for message in told] == ["hello", "task", "", "shutdown"]
    await service.submit()
    (listed,) = (await service.http.get("/v1/tasks")).json()["data"]
    assert set(told[1].data) == set(listed)
