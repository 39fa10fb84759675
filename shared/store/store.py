"""Reads task records and carries out changes of them, each with one atomic script."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
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
from shared.queue import JOB_LIFE_MS, Job, queue_name, submit_job
from shared.states import OPEN, Status
from shared.store import clock, keys
from shared.store.acceptance import Acceptance, Accepted
from shared.store.high_water import HighWater, Mark
from shared.store.replicas import Replicas
from shared.store.scripts import ACCEPT, CHANGE
from shared.task import Task, readable

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """A task and the store's time in ms, read at one moment."""

    task: Task
    now: int


@dataclass(frozen=True, slots=True)
class Page:
    """Tasks newest first; ``cursor`` asks for the next page and is None on the last."""

    tasks: Sequence[Task]
    cursor: int | None


@dataclass(frozen=True, slots=True)
class Census:
    """Tasks by state; the longest delay in ms; today's spending in micro-dollars."""

    tasks: Mapping[Status, int]
    overdue: int
    spent: int


class Store:
    """The task records of one installation, as seen by a process that serves ``provider``.

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
        self._redis = redis
        self._provider = provider
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
        }
        provider = acceptance.provider
        names = [
            keys.record(acceptance.id),
            keys.conversation(acceptance.id),
            keys.TASKS,
            keys.status(Status.QUEUED),
            keys.due(provider),
            queue_name(provider),
            acceptance.job.key,
            keys.SEQUENCE,
            keys.spending(provider),
            keys.idempotency(key or ""),
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
            "spend": change.spend,
            "mark": mark is not None and asdict(mark),
        }
        job = change.job
        record = keys.record(task.id)
        names = [
            record,
            keys.status(change.before),
            keys.status(change.after),
            keys.due(task.provider),
            queue_name(task.provider),
            job.key if job else record,
            keys.response(task.id),
            keys.spending(task.provider),
            keys.starts(task.provider),
            keys.owner(str(change.put.get("response_id"))),
            keys.history(self._provider),
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

    async def load(self, task_id: str) -> Loaded:
        """The task with the store's time. Raises TaskNotFound."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hgetall(keys.record(task_id))
            pipe.time()
            record, time = await pipe.execute()
        if not record:
            raise TaskNotFound(task_id)
        return Loaded(Task.from_record(record), clock.milliseconds(time))

    async def begin(self, task: Task) -> None:
        """Count that a job of the task was started; any progress forgets it."""
        await self._redis.hincrby(keys.starts(task.provider), task.id, 1)

    async def starts(self, task_id: str) -> int:
        """How many jobs of the task were started since anything came of one."""
        return int(await self._redis.hget(keys.starts(self._provider), task_id) or 0)

    async def waits_in_queue(self, task: Task) -> bool:
        """Whether the task's submission stands in the queue and no worker has taken it."""
        job = submit_job(task.id, task.generation, 0)
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.zscore(queue_name(self._provider), job.id)
            pipe.exists(job.lock)
            score, taken = await pipe.execute()
        return score is not None and not taken

    async def postpone(self, task: Task, due: int) -> None:
        """Have the sweep look at the task in ``due`` milliseconds."""
        now = await clock.now(self._redis)
        await self._redis.zadd(keys.due(self._provider), {task.id: now + due}, xx=True)

    async def owner(self, response_id: str) -> str | None:
        """The id of the task that the response belongs to, as far as is known here."""
        task_id: bytes | None = await self._redis.get(keys.owner(response_id))
        return None if task_id is None else task_id.decode()

    async def waiting_since(self, before: int) -> Sequence[Task]:
        """The provider's queued tasks up to a sequence number, oldest first."""
        ids = await self._redis.zrangebyscore(keys.status(Status.QUEUED), "-inf", before)
        tasks = [Task.from_record(found) for found in await self._records(ids) if readable(found)]
        waiting = [task for task in tasks if task.status is Status.QUEUED]
        return [task for task in waiting if task.provider == self._provider]

    async def enqueue(self, job: Job) -> None:
        """Add a job that no change of a record implies."""
        now = await clock.now(self._redis)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(job.key, job.payload, px=job.delay + JOB_LIFE_MS)
            pipe.zadd(queue_name(self._provider), {job.id: now + job.delay}, nx=True)
            await pipe.execute()

    async def conversation(self, task_id: str) -> bytes:
        """The task's input as JSON, unchanged since it was accepted. Raises TaskNotFound."""
        text: bytes | None = await self._redis.get(keys.conversation(task_id))
        if text is None:
            raise TaskNotFound(task_id)
        return text

    async def response(self, task_id: str) -> bytes | None:
        """The provider's object byte for byte, or None while there is none."""
        body: bytes | None = await self._redis.get(keys.response(task_id))
        return body

    async def page(self, *, status: Status | None, cursor: int | None, limit: int) -> Page:
        """Tasks newest first, below ``cursor``: what is added meanwhile moves nothing."""
        index = keys.TASKS if status is None else keys.status(status)
        top = "+inf" if cursor is None else f"({cursor}"
        found = await self._redis.zrange(
            index, top, "-inf", desc=True, byscore=True, offset=0, num=limit + 1, withscores=True
        )
        shown = found[:limit]
        records = await self._records([task_id for task_id, _ in shown])
        tasks = [Task.from_record(record) for record in records if readable(record)]
        return Page(tasks, int(shown[-1][1]) if len(found) > limit else None)

    async def overdue(self, limit: int) -> Sequence[Task]:
        """The tasks to which nothing happened in time, longest first.

        Left out is what this version cannot read: a newer poller will take it up.
        """
        now = await clock.now(self._redis)
        due = keys.due(self._provider)
        ids = await self._redis.zrangebyscore(due, "-inf", now, start=0, num=limit)
        records = await self._records(ids)
        gone = [task_id for task_id, record in zip(ids, records, strict=True) if not record]
        if gone:
            await self._redis.zrem(due, *gone)
        return [Task.from_record(record) for record in records if readable(record)]

    async def census(self) -> Census:
        """How the tasks of all providers stand, and what this one's are late and cost."""
        now = await clock.now(self._redis)
        due = keys.due(self._provider)
        async with self._redis.pipeline(transaction=False) as pipe:
            for status in Status:
                pipe.zcard(keys.status(status))
            pipe.zrangebyscore(due, "-inf", now, start=0, num=1, withscores=True)
            pipe.hget(keys.spending(self._provider), str(now // DAY_MS))
            *counts, overdue, spent = await pipe.execute()
        late = now - int(overdue[0][1]) if overdue else 0
        return Census(dict(zip(Status, counts, strict=True)), late, int(spent or 0))

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

    async def _records(self, ids: Sequence[bytes]) -> list[dict[bytes, bytes]]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for task_id in ids:
                pipe.hgetall(keys.record(task_id.decode()))
            records: list[dict[bytes, bytes]] = await pipe.execute()
        return records


def _texts(values: Any) -> dict[str, str | bool]:  # noqa: ANN401 -- a field is any of several
    """For Lua: everything is text, and what is absent is false."""
    return {name: False if value is None else str(value) for name, value in values.items()}


def _job(job: Job) -> dict[str, str | int]:
    return {"id": job.id, "delay": job.delay, "life": JOB_LIFE_MS}


def _task(flat: list[bytes]) -> Task:
    return Task.from_record(dict(zip(flat[::2], flat[1::2], strict=True)))
