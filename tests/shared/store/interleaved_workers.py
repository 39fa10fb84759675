"""Workers that stop at every write and at every call to the provider until they are told to go on.

They are the product's own jobs, sweeps and actions. Only one of them moves at a time, so that a run
is a sequence of steps that can be told again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from services.api.problems.errors import InvalidState
from services.poller.decisions.poll_policy import PollPolicy
from services.poller.jobs.adopt import AdoptJob
from services.poller.jobs.delete import DeleteJob
from services.poller.jobs.poll import PollJob
from services.poller.jobs.submit import SubmitJob
from services.poller.periodic.sweeper import Sweeper
from shared import queue
from shared.domain.changes import Change
from shared.domain.errors import TaskNotFound, WriteNotConfirmed
from shared.domain.task import Task
from shared.domain.tombstone import Tombstone
from shared.runtime.ids import new_token
from shared.store import (
    InsertResult,
    PollerRegistry,
    Store,
    SubmissionGate,
    TaskDeletion,
    TaskInsert,
)
from tests.shared.store import fake_provider

WRITES = ["kept", "never arrived", "reply lost", "sent again", "not on disk"]
FATES = fake_provider.FATES | {"write": WRITES}

PROVIDER = "openai"
POLICY = PollPolicy(interval_ms=61_000, deadline_ms=3 * 3_600_000)
LEASE = 50_000

EXPECTED = (RedisError, OSError, TaskNotFound, WriteNotConfirmed, InvalidState)
"""What may go wrong with a worker or a request; anything else is a mistake in the product."""


class StoppingStore(Store):
    """The store as one worker has it: each write waits, and may be lost, repeated or unkept."""

    def __init__(self, redis: Redis, meet: fake_provider.Meet, wrote: Callable[[], None]) -> None:
        super().__init__(redis, PROVIDER, confirm=False)
        self._meet = meet
        self._wrote = wrote

    async def insert(self, acceptance: TaskInsert) -> InsertResult:
        return await self._write(lambda: super(StoppingStore, self).insert(acceptance))

    async def apply(
        self, change: Change, *, token: str | None = None, durable: bool = False
    ) -> Task | None:
        token = token or new_token()
        return await self._write(
            lambda: super(StoppingStore, self).apply(change, token=token), durable=durable
        )

    async def delete(self, removal: TaskDeletion) -> Tombstone | None:
        return await self._write(lambda: super(StoppingStore, self).delete(removal), durable=False)

    async def _write(self, write: Callable[[], Awaitable[Any]], *, durable: bool = True) -> Any:
        fate = await self._meet("write")
        if fate == "never arrived":
            raise RedisConnectionError
        written = await write()
        self._wrote()
        if fate == "reply lost":
            raise RedisConnectionError
        if fate == "not on disk" and durable:
            raise WriteNotConfirmed("")
        if fate == "sent again":
            await self._meet("write")
            written = await write()
            self._wrote()
        return written


@dataclass(eq=False)
class Worker:
    """Somebody at work; ``stop`` is where it waits, ``job`` what arq will forget at its end.

    ``told`` are the responses that nobody else knows of yet.
    """

    work: asyncio.Task[None]
    job: str | None
    kind: str = ""
    stop: asyncio.Future[str] | None = None
    told: set[str] = field(default_factory=set)


@dataclass
class Crew:
    """All that are at work on one store and one account. Its loop's time stands still."""

    redis: Redis
    account: fake_provider.Account
    loop: asyncio.AbstractEventLoop
    workers: list[Worker] = field(default_factory=list)
    dead: list[Worker] = field(default_factory=list)
    writes: int = 0

    def wrote(self) -> None:
        self.writes += 1

    def job(self, name: str, function: str, args: list[Any]) -> None:
        """Run a job as the poller would."""

        async def run(store: Store, provider: Any) -> None:
            gate = SubmissionGate(self.redis, PROVIDER)
            polling = PollJob(store, gate, provider, POLICY)
            adoption = AdoptJob(store, provider, polling, POLICY)
            deletion = DeleteJob(store, gate, provider)
            submission = SubmitJob(store, gate, provider, POLICY, LEASE, new_token, self.loop.time)
            handlers: dict[str, Callable[..., Awaitable[None]]] = {
                queue.SUBMIT: submission.submit,
                queue.POLL: polling.poll,
                queue.ADOPT: adoption.adopt,
                queue.WEBHOOK: adoption.handle_webhook,
                queue.DELETE: deletion.delete,
            }
            await handlers[function](*args)

        self._start(run, name)

    def sweep(self) -> None:
        """One sweep of a poller's."""

        async def run(store: Store, _: Any) -> None:
            fleet = PollerRegistry(self.redis, PROVIDER)
            await Sweeper(store, fleet, POLICY.stale_after_ms).sweep()

        self._start(run)

    def request(self, send: Callable[[Store], Coroutine[Any, Any, Any]]) -> None:
        """Something that comes in at the API."""

        async def run(store: Store, _: Any) -> None:
            await send(store)

        self._start(run)

    def _start(
        self, run: Callable[[Store, Any], Coroutine[Any, Any, None]], job: str | None = None
    ) -> None:
        async def meet(kind: str) -> str:
            worker.kind = kind
            worker.stop = self.loop.create_future()
            fate = await worker.stop
            worker.stop = None
            return fate

        async def work() -> None:
            with suppress(*EXPECTED):
                store = StoppingStore(self.redis, meet, self.wrote)
                await run(store, fake_provider.Line(self.account, meet, worker.told))

        worker = Worker(self.loop.create_task(work()), job)
        self.workers.append(worker)
