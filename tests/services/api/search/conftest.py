"""An indexer over a store in memory, whose origin the test controls."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from fakeredis import FakeAsyncRedis, FakeServer

from services.api.search.index import find
from services.api.search.indexer import Indexer
from services.api.search.query import expression
from shared.domain import changes
from shared.domain.states import Status
from shared.domain.task import Task
from shared.domain.tombstone import DeletionOutcome
from shared.store import Events, Store, StoreIdentity, TaskDeletion
from tests.shared import tasks

BATCH = 20


@dataclass
class Origin:
    """The store's origin, which a test may change; a store in memory knows none."""

    redis: Any
    identity: StoreIdentity

    async def read(self) -> tuple[StoreIdentity, int]:
        return self.identity, await Events(self.redis).latest()


class CountingStore(Store):
    """Counts the records and texts that are read."""

    records = 0
    texts_read = 0
    at_once: tuple[int, ...] = ()

    async def tasks(self, ids: Sequence[str]) -> list[Task | None]:
        self.records += len(ids)
        return await super().tasks(ids)

    async def load_texts(self, ids: Sequence[str]) -> list[tuple[bytes | None, bytes | None]]:
        self.texts_read += len(ids)
        self.at_once += (len(ids),)
        return await super().load_texts(ids)


@dataclass
class Scene:
    """A store and who follows it; ``again`` is the same in a process that was started anew."""

    path: Path
    server: FakeServer
    redis: Any
    store: CountingStore
    origin: Origin
    deleted: list[str] = field(default_factory=list)
    indexers: list[Indexer] = field(default_factory=list)

    @property
    def indexer(self) -> Indexer:
        return self.indexers[-1] if self.indexers else self.again()

    def again(self) -> Indexer:
        self.store.records = self.store.texts_read = 0
        self.deleted.clear()
        origin: Any = self.origin
        options = {"interval_s": 0.01, "batch_size": BATCH}
        self.indexers.append(Indexer(self.path, self.store, origin, self.deleted.extend, **options))
        return self.indexers[-1]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Indexer]:
        """The indexer at its work; it may take ten seconds."""
        indexer = self.indexer
        self.indexers.remove(indexer)
        async with asyncio.timeout(10), indexer:
            yield indexer

    def found(self, query: str, status: Status | None = None) -> list[str]:
        return [task_id for _, task_id in find(self.path, expression(query, status), None, 1000)]

    async def accept(self, text: str, **fields: Any) -> Task:
        part = {"type": "input_text", "text": text}
        conversation = orjson.dumps([{"role": "user", "content": [part]}])
        limit = {"limit": 1_000_000}
        return await tasks.accepted(self.store, conversation=conversation, **(limit | fields))

    async def complete(self, task: Task, answer: str) -> Task:
        task = await tasks.changed(self.store, changes.claim(task, "a claim", 50_000))
        task = await tasks.changed(
            self.store, changes.mark_in_progress(task, "resp_1", "queued", 1, 1)
        )
        part = {"type": "output_text", "text": answer}
        response = orjson.dumps({"output": [{"type": "message", "content": [part]}]})
        ending = changes.TaskResult(Status.COMPLETED, response=response)
        return await tasks.changed(self.store, changes.finish(task, ending, polled=True))

    async def delete(self, task: Task) -> None:
        task = (await self.store.load(task.id)).task
        task = await tasks.changed(self.store, changes.request_deletion(task))
        assert await self.store.delete(TaskDeletion(task, DeletionOutcome.DELETED))

    async def backup(self) -> dict[bytes, bytes]:
        return {key: await self.redis.dump(key) for key in await self.redis.keys()}

    async def restore(self, backup: dict[bytes, bytes]) -> None:
        """The store as it was; its server had to be started anew for that."""
        await self.redis.flushall()
        for key, value in backup.items():
            await self.redis.restore(key, 0, value)
        self.origin.identity = replace(self.origin.identity, run="a later run")


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    server = FakeServer()
    redis = FakeAsyncRedis(server=server)
    store = CountingStore(redis, "openai", confirm=False)
    path = tmp_path / "search.sqlite"
    scene = Scene(path, server, redis, store, Origin(redis, StoreIdentity("store", "run")))
    yield scene
    for indexer in scene.indexers:
        await indexer.aclose()
    server.connected = True
    await redis.aclose()
