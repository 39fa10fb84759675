"""Writes task records: each change of one is carried out by one atomic script."""

from dataclasses import asdict
from typing import Any

import orjson
from redis.asyncio import Redis

from shared.changes import Change
from shared.errors import (
    BudgetUsedUp,
    IdempotencyKeyReused,
    NotDurable,
    SentBefore,
    StoreUnsettled,
    TaskNotFound,
    TooManyOpenTasks,
)
from shared.ids import new_token
from shared.queue import JOB_LIFE_MS, Job, queue_name
from shared.states import OPEN, Status
from shared.store import clock, keys
from shared.store.acceptance import Acceptance, Accepted
from shared.store.high_water import HighWater, Mark
from shared.store.reader import DAY_MS, Reader
from shared.store.replicas import Replicas
from shared.store.scripts import ACCEPT, CHANGE
from shared.task import Task

_NEWS = (keys.CHANGES, keys.CHANGED, keys.EVENTS)


class Store(Reader):
    """The task records of one installation, read and written.

    ``confirm`` says whether durable writes are confirmed to be on disk; only a store without an
    append-only file cannot; ``min_replicas`` must have them, however few are connected. Who claims
    tasks brings what is remembered of the store. Raises redis-py's errors when the server is away.
    """

    def __init__(
        self,
        redis: Redis,
        provider: str,
        *,
        confirm: bool = True,
        min_replicas: int = 0,
        high_water: HighWater | None = None,
    ) -> None:
        super().__init__(redis, provider)
        self._replicas = Replicas(min_replicas) if confirm else None
        self._high_water = high_water

    async def accept(self, acceptance: Acceptance) -> Accepted:
        """Write a new task and its first job, on disk before this returns.

        Raises TooManyOpenTasks, BudgetUsedUp, IdempotencyKeyReused or NotDurable.
        """
        key = acceptance.idempotency_key
        document = {
            "id": acceptance.id,
            "put": acceptance.record,
            "due": acceptance.due,
            "job": _job(acceptance.job),
            "limit": acceptance.limit,
            "budget": False if acceptance.budget is None else acceptance.budget,
            "keyed": key is not None,
            "body": acceptance.fingerprint,
            "owner": acceptance.owner or "",
            "parents": len(acceptance.parents),
        }
        provider, owner = acceptance.provider, acceptance.owner
        names = [
            keys.record(acceptance.id),
            keys.conversation(acceptance.id),
            keys.tasks(),
            keys.tasks(owner),
            keys.status(Status.QUEUED),
            keys.status(Status.QUEUED, owner),
            keys.due(provider),
            queue_name(provider),
            acceptance.job.key,
            keys.SEQUENCE,
            keys.spending(provider),
            keys.idempotency(key or "", owner),
            *_NEWS,
            *(keys.children(parent) for parent in acceptance.parents),
            *(keys.status(status) for status in sorted(OPEN)),
        ]
        arguments = [orjson.dumps(document), acceptance.job.payload, acceptance.conversation]
        result = await ACCEPT.run(self._redis, names, arguments, confirm=self._replicas)
        outcome, now, what = result.reply
        if not result.kept:
            raise NotDurable(acceptance.id)
        match outcome:
            case b"accepted":
                return Accepted(_task(what), replayed=False)
            case b"replayed":
                return Accepted((await self.load(what.decode())).task, replayed=True)
            case b"reused":
                raise IdempotencyKeyReused(what.decode())
            case b"full":
                raise TooManyOpenTasks(acceptance.limit)
            case _:
                resets_in = (DAY_MS - int(now) % DAY_MS) // 1000 + 1
                raise BudgetUsedUp(acceptance.budget or 0, int(what), resets_in)

    async def apply(
        self, change: Change, *, token: str | None = None, durable: bool = False
    ) -> Task | None:
        """Carry out a change and return the task after it, or None where the record had moved on.

        ``token`` recognises the same change sent twice. Raises TaskNotFound, and NotDurable
        when ``durable`` was asked for and it is not certain to be kept. A claim is refused with
        StoreUnsettled or SentBefore in a store that may lack some of what it had.
        """
        task = change.task
        mark = self._mark(change)
        document = {
            "id": task.id,
            "token": token or new_token(),
            "status": change.after,
            "expect": _texts({"status": change.before, **change.expect}),
            "put": _texts(change.put),
            "at": change.at,
            "visible": change.visible,
            "progress": change.progress,
            "due": False if change.due is None else change.due,
            "job": change.job is not None and _job(change.job),
            "owner": task.owner or "",
            "spend": change.spend,
            "mark": mark is not None and asdict(mark),
        }
        job = change.job
        record = keys.record(task.id)
        names = [
            record,
            keys.status(change.before),
            keys.status(change.after),
            keys.status(change.before, task.owner),
            keys.status(change.after, task.owner),
            keys.due(task.provider),
            queue_name(task.provider),
            job.key if job else record,
            keys.response(task.id),
            keys.spending(task.provider),
            keys.starts(task.provider),
            keys.task_of(str(change.put.get("response_id"))),
            keys.history(self._provider),
            *_NEWS,
        ]
        arguments = [orjson.dumps(document), job.payload if job else b"", change.response or b""]
        result = await CHANGE.run(
            self._redis, names, arguments, confirm=self._replicas if durable else None
        )
        outcome, _, fields = result.reply
        match outcome:
            case b"missing":
                raise TaskNotFound(task.id)
            case b"unsettled":
                raise StoreUnsettled(task.id)
            case b"restored":
                raise SentBefore(task.id)
        if not result.kept:
            raise NotDurable(task.id)
        if outcome != b"applied":
            return None
        if mark is not None:
            await self._remember(task.id, mark.history, fields)
        return _task(fields)

    async def begin(self, task: Task) -> None:
        """Count that a job of the task was started; any progress forgets it."""
        await self._redis.hincrby(keys.starts(task.provider), task.id, 1)

    async def postpone(self, task: Task, due: int) -> None:
        """Have the sweep look at the task in ``due`` milliseconds."""
        now = await clock.now(self._redis)
        await self._redis.zadd(keys.due(self._provider), {task.id: now + due}, xx=True)

    async def enqueue(self, job: Job) -> None:
        """Add a job that no change of a record implies."""
        now = await clock.now(self._redis)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(job.key, job.payload, px=job.delay + JOB_LIFE_MS)
            pipe.zadd(queue_name(self._provider), {job.id: now + job.delay}, nx=True)
            await pipe.execute()

    def _mark(self, change: Change) -> Mark | None:
        """What a claim must not be behind; None for other changes, and where nobody remembers."""
        if self._high_water is None or change.after is not Status.SUBMITTING:
            return None
        mark = self._high_water.read()
        if mark is None:
            raise StoreUnsettled(change.task.id)
        return mark

    async def _remember(self, task_id: str, history: str, record: list[bytes]) -> None:
        """Keep a claim outside the store, before it may be used. Raises NotDurable."""
        if self._high_water is None:
            return
        number = int(dict(zip(record[::2], record[1::2], strict=True))[b"claim_number"])
        try:
            await self._high_water.rise(Mark(history, number))
        except OSError as error:
            raise NotDurable(task_id) from error


def _texts(values: Any) -> dict[str, str | bool]:  # noqa: ANN401 -- a field is any of several
    """For Lua: everything is text, and what is absent is false."""
    return {name: False if value is None else str(value) for name, value in values.items()}


def _job(job: Job) -> dict[str, str | int]:
    return {"id": job.id, "delay": job.delay, "life": JOB_LIFE_MS}


def _task(flat: list[bytes]) -> Task:
    return Task.from_record(dict(zip(flat[::2], flat[1::2], strict=True)))
