"""The API behind its own front door, over a store in memory and a renderer that only wraps."""

import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from fakeredis import FakeAsyncRedis, FakeServer
from starlette.types import ASGIApp

from services.api.auth.token_registry import TokenRegistry
from services.api.bootstrap.app import create_app
from services.api.dependencies import AppContext
from services.api.events.broadcaster import EventBroadcaster
from services.api.events.cursors import CursorCodec
from services.api.search.indexer import Indexer
from services.api.search.service import Search
from services.api.settings import ApiSettings
from shared.domain import changes
from shared.domain.states import Status
from shared.domain.task import Task
from shared.openai.answer import Citation
from shared.runtime.ids import new_task_id
from shared.runtime.resolver import Resolver
from shared.store import (
    Events,
    NotificationState,
    PollerRegistry,
    Presets,
    Store,
    StoreIdentity,
    SubmissionGate,
    WebhookEndpoints,
    WebhookSecrets,
    clock,
)
from shared.store.trial import StoreTrial

PROVIDER = "simulator"
ANSWER = b'{"output":[{"type":"message","content":[{"type":"output_text","text":"Because."}]}]}'


class WrappingRenderer:
    """A renderer whose HTML shows what it was given."""

    async def html(
        self, _task_id: str, markdown: str, citations: Sequence[Citation] = (), *, owner: str | None
    ) -> str:
        del owner
        return f"<p>{markdown}</p>" + "".join(f"<a>{citation.url}</a>" for citation in citations)


class OneStore:
    """An origin that is always the same; a store in memory does not say which run it is."""

    def __init__(self, redis: Any) -> None:
        self._redis = redis

    async def read(self) -> tuple[StoreIdentity, int]:
        return StoreIdentity("store", "run"), await Events(self._redis).latest()


@dataclass
class Service:
    """The API's parts; ``server.connected = False`` takes the store away.

    What is new can be searched after ``indexer.sync()``.
    """

    server: FakeServer
    redis: Any
    store: Store
    gate: SubmissionGate
    fleet: PollerRegistry
    folder: Path
    indexer: Indexer

    def broadcaster(
        self, limit: int = 1000, heartbeat: float = 15, cursors: CursorCodec | None = None
    ) -> EventBroadcaster:
        """A replica's view of the events; it reads them within ``async with``."""
        now = partial(clock.now, self.redis)
        return EventBroadcaster(
            *(Events(self.redis), self.store, now),
            limit=limit,
            heartbeat=heartbeat,
            cursors=cursors,
        )

    def context(
        self,
        *,
        new_task_id: Callable[[], str] = new_task_id,
        broadcaster: EventBroadcaster | None = None,
        token_registry: TokenRegistry | None = None,
        trial: StoreTrial | None = None,
        **settings: Any,
    ) -> AppContext:
        """The API's parts with these settings."""
        return AppContext(
            ApiSettings(provider=PROVIDER, **settings),
            self.store,
            self.gate,
            self.fleet,
            WrappingRenderer(),  # type: ignore[arg-type] -- a fake by hand
            new_task_id,
            broadcaster or self.broadcaster(),
            Search(self.folder / "search.sqlite", self.store, self.indexer),
            presets=Presets(self.redis),
            webhook_endpoints=WebhookEndpoints(self.redis, WebhookSecrets(self.redis)),
            resolver=Resolver(lambda *_: ["93.184.215.14"]),
            notifications=NotificationState(self.redis, PROVIDER),
            token_registry=token_registry or TokenRegistry(None),
            trial=trial,
        )

    def app(self, **options: Any) -> ASGIApp:
        """The API with these settings."""
        return create_app(self.context(**options))

    def client(self, **options: Any) -> httpx.AsyncClient:
        """A client of the API with these settings; it sees a 500 as a client does."""
        transport = httpx.ASGITransport(self.app(**options), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://localhost:8000")

    @cached_property
    def http(self) -> httpx.AsyncClient:
        """A client of the API with the usual settings."""
        return self.client()

    async def submit(self, question: Any = "Why is the sky blue?", **body: Any) -> dict[str, Any]:
        """Submit a task; what the API shows of it."""
        reply = await self.http.post("/v1/tasks", json={"input": question, **body})
        assert reply.status_code == 202, reply.text
        task: dict[str, Any] = reply.json()
        return task

    async def size(self) -> int:
        """How many keys the store holds."""
        size: int = await self.redis.dbsize()
        return size

    async def task(self, task_id: str) -> Task:
        return (await self.store.load(task_id)).task

    async def submitted(self, task_id: str) -> None:
        """What a poller does first: the task is at the provider."""
        task = await self.store.apply(changes.claim(await self.task(task_id), "token", 60_000))
        assert task
        assert await self.store.apply(
            changes.mark_in_progress(task, "resp_1", "queued", 61_000, 30_000)
        )

    async def polled(self, task_id: str, status: str) -> None:
        """A poll that ended nothing."""
        task = await self.task(task_id)
        assert await self.store.apply(changes.poll_again(task, 61_000, status, None, 30_000))

    async def completed(
        self, task_id: str, response: bytes = ANSWER, cost: int = 1_428_900
    ) -> None:
        """What a poller does last: the task has ended with this answer."""
        await self.submitted(task_id)
        task = await self.task(task_id)
        ending = changes.TaskResult(
            Status.COMPLETED,
            provider_status="completed",
            response=response,
            usage=orjson.dumps({"input_tokens": 30988, "output_tokens": 8034}),
            cost=cost,
        )
        assert await self.store.apply(changes.finish(task, ending, polled=True))


def problem(reply: httpx.Response) -> tuple[int, str]:
    """The status and the kind of a problem document."""
    assert reply.headers["content-type"] == "application/problem+json"
    return reply.status_code, reply.json()["type"].removeprefix("urn:backburner:problem:")


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.startswith("BACKBURNER_") or name in ("REDIS_URL", "OPENAI_API_KEY"):
            monkeypatch.delenv(name)


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    server = FakeServer()
    redis = FakeAsyncRedis(server=server)
    store = Store(redis, PROVIDER, confirm=False)
    origin: Any = OneStore(redis)
    indexer = Indexer(tmp_path / "search.sqlite", store, origin, lambda _: None)
    gate, fleet = SubmissionGate(redis, PROVIDER), PollerRegistry(redis, PROVIDER)
    yield Service(server, redis, store, gate, fleet, tmp_path, indexer)
    await indexer.aclose()
    server.connected = True
    await redis.aclose()


@pytest.fixture
def client(service: Service) -> httpx.AsyncClient:
    return service.http


@pytest.fixture
def submit(service: Service) -> Callable[..., Any]:
    return service.submit
