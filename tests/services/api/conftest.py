"""The API behind its own front door, over a store in memory and a renderer that only wraps."""

import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
import pytest
from fakeredis import FakeAsyncRedis, FakeServer

from services.api.app import create_app
from services.api.context import Context
from services.api.settings import ApiSettings
from shared import changes
from shared.ids import new_task_id
from shared.response import Citation
from shared.states import Status
from shared.store import Fleet, Gate, Store

PROVIDER = "simulator"


class WrappingRenderer:
    """A renderer whose HTML shows what it was given."""

    async def html(self, markdown: str, citations: Sequence[Citation] = ()) -> str:
        return f"<p>{markdown}</p>" + "".join(f"<a>{citation.url}</a>" for citation in citations)


@dataclass
class Service:
    """The API's parts; ``server.connected = False`` takes the store away."""

    server: FakeServer
    redis: Any
    store: Store
    gate: Gate
    fleet: Fleet

    def client(
        self, *, new_task_id: Callable[[], str] = new_task_id, **settings: Any
    ) -> httpx.AsyncClient:
        """A client of the API with these settings; it sees a 500 as a client does."""
        context = Context(
            ApiSettings(provider=PROVIDER, **settings),
            self.store,
            self.gate,
            self.fleet,
            WrappingRenderer(),  # type: ignore[arg-type] -- a fake by hand
            new_task_id,
        )
        transport = httpx.ASGITransport(create_app(context), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://localhost:8000")

    async def size(self) -> int:
        """How many keys the store holds."""
        size: int = await self.redis.dbsize()
        return size

    async def submitted(self, task_id: str) -> None:
        """What a poller does first: the task is at the provider."""
        task = (await self.store.load(task_id)).task
        task = await self.store.apply(changes.claim(task, "token", 60_000))
        assert task
        assert await self.store.apply(changes.start(task, "resp_1", "queued", 61_000, 30_000))

    async def polled(self, task_id: str, status: str) -> None:
        """A poll that ended nothing."""
        task = (await self.store.load(task_id)).task
        assert await self.store.apply(changes.poll_again(task, 61_000, status, None, 30_000))

    async def completed(self, task_id: str, response: bytes, cost: int = 1_428_900) -> None:
        """What a poller does last: the task has ended with this answer."""
        await self.submitted(task_id)
        task = (await self.store.load(task_id)).task
        ending = changes.Ending(
            Status.COMPLETED,
            provider_status="completed",
            response=response,
            usage=orjson.dumps({"input_tokens": 30988, "output_tokens": 8034}),
            cost=cost,
        )
        assert await self.store.apply(changes.finish(task, ending, polled=True))


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.startswith("BACKBURNER_") or name in ("REDIS_URL", "OPENAI_API_KEY"):
            monkeypatch.delenv(name)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    server = FakeServer()
    redis = FakeAsyncRedis(server=server)
    store = Store(redis, PROVIDER, confirm=False)
    yield Service(server, redis, store, Gate(redis, PROVIDER), Fleet(redis, PROVIDER))
    server.connected = True
    await redis.aclose()


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with service.client() as client:
        yield client


@pytest.fixture
def submit(client: httpx.AsyncClient) -> Callable[..., Any]:
    """Hand in a task; the task."""

    async def submit(question: str = "Why is the sky blue?", **body: Any) -> dict[str, Any]:
        reply = await client.post("/v1/tasks", json={"input": question, **body})
        assert reply.status_code == 202, reply.text
        task: dict[str, Any] = reply.json()
        return task

    return submit
