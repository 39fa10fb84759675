"""Writes task records: each change of one is carried out by one atomic script."""

from dataclasses import asdict
from itertools import chain
from typing import Any

import orjson
from redis.asyncio import Redis

from shared.domain.changes import Change
from shared.domain.errors import (
    BudgetExceeded,
    IdempotencyKeyReused,
    MaybeSent,
    OwnerWithoutToken,
    RollbackCheckPending,
    TaskNotFound,
    TooManyOpenTasks,
    WriteNotConfirmed,
)
from shared.domain.states import OPEN, Status
from shared.domain.task import Task
from shared.domain.tombstone import RETENTION_MS, Tombstone
from shared.queue import JOB_LIFE_MS, Job, queue_name
from shared.runtime.ids import new_token
from shared.store import clock, keys
from shared.store.compression import compress
from shared.store.deletion import TaskDeletion
from shared.store.epoch_mark import EpochMark, EpochMarkStore
from shared.store.insert import InsertResult, TaskInsert
from shared.store.ledger import DAY_MS, MAX_SAMPLES
from shared.store.reader import Reader, TimedTask
from shared.store.replicas import Replicas
from shared.store.scripts import CHANGE, DELETE, INSERT, START_POLL

_NEWS = (keys.CHANGE_COUNTER, keys.CHANGE_INDEX, keys.EVENTS)


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
        high_water: EpochMarkStore | None = None,
    ) -> None:
        super().__init__(redis, provider)
        self._replicas = Replicas(min_replicas) if confirm else None
        self._high_water = high_water

    async def insert(self, acceptance: TaskInsert) -> InsertResult:
        """Write a new task and its first job, on disk before this returns.

        Raises TooManyOpenTasks, IdempotencyKeyReused, WriteNotConfirmed, and TaskDeleted where
        the key stands for a deleted task.
        """
        key, job = acceptance.idempotency_key, acceptance.job
        document = {
            "id": acceptance.id,
            "put": [*chain.from_iterable(acceptance.record.items())],
            "due": acceptance.sweep_after,
            "job": _job(job),
            "limit": acceptance.limit,
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
            keys.sweep_queue(provider),
            queue_name(provider),
            job.key,
            keys.SEQUENCE,
            keys.idempotency(key or "", owner),
            *_NEWS,
            keys.tombstone(acceptance.id),
            *(
                name(parent)
                for parent in acceptance.parents
                for name in (keys.record, keys.children)
            ),
            *(keys.status(status) for status in sorted(OPEN)),
        ]
        arguments = [
            orjson.dumps(document),
            job.payload,
            await compress(acceptance.conversation),
        ]
        result = await INSERT.run(self._redis, names, arguments, confirm=self._replicas)
        outcome, _, what = result.reply
        if not result.kept:
            raise WriteNotConfirmed(acceptance.id)
        match outcome:
            case b"accepted":
                return InsertResult(_task(what), replayed=False)
            case b"replayed":
                return InsertResult((await self.load(what.decode())).task, replayed=True)
            case b"reused":
                raise IdempotencyKeyReused(what.decode())
            case _:
                raise TooManyOpenTasks(acceptance.limit)

    async def apply(
        self, change: Change, *, token: str | None = None, durable: bool = False
    ) -> Task | None:
        """Carry out a change and return the task after it, or None where the record had moved on.

        ``token`` recognises the same change sent twice. Raises TaskNotFound, and WriteNotConfirmed
        when ``durable`` was asked for and it is not certain to be kept. A claim is refused with
        RollbackCheckPending or MaybeSent in a store that may lack some of what it had, with
        OwnerWithoutToken and with BudgetExceeded.
        """
        task = change.task
        mark = self._mark(change)
        document = {
            "id": task.id,
            "token": token or new_token(),
            "status": change.after,
            "expect": _texts({"status": change.before, **change.expect}),
            "put": _texts(change.set_fields),
            "at": change.set_times,
            "visible": change.visible,
            "progress": change.progress,
            "due": False if change.sweep_after is None else change.sweep_after,
            "job": change.job is not None and _job(change.job),
            "owner": task.owner or "",
            "reserve": False if change.reserve is None else change.reserve,
            "waits": change.waits_for_budget,
            "settled": change.settled,
            "booking": change.booking is not None and asdict(change.booking),
            "sample": change.is_sample and _sample(change),
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
            keys.sweep_queue(task.provider),
            queue_name(task.provider),
            job.key if job else record,
            keys.response(task.id),
            keys.spending(task.provider),
            keys.reserved(task.provider),
            keys.budgets(task.provider),
            keys.active_owners(task.provider),
            keys.budget_queue(task.provider),
            keys.samples(task.provider),
            keys.samples(task.provider, task.owner),
            keys.job_starts(task.provider),
            keys.response_task(str(change.set_fields.get("response_id"))),
            keys.epoch(self._provider),
            *_NEWS,
        ]
        arguments = [
            orjson.dumps(document),
            job.payload if job else b"",
            await compress(change.response or b""),
        ]
        result = await CHANGE.run(
            self._redis, names, arguments, confirm=self._replicas if durable else None
        )
        outcome, now, fields = result.reply
        match outcome:
            case b"missing":
                raise await self._missing(task.id)
            case b"unsettled":
                raise RollbackCheckPending(task.id)
            case b"restored":
                raise MaybeSent(task.id)
            case b"no_token":
                raise OwnerWithoutToken(task.id)
            case b"over":
                raise BudgetExceeded(task.id, DAY_MS - int(now) % DAY_MS)
        if not result.kept:
            raise WriteNotConfirmed(task.id)
        if outcome != b"applied":
            return None
        if mark is not None:
            await self._remember(task.id, mark.epoch, fields)
        return _task(fields)

    async def delete(self, removal: TaskDeletion) -> Tombstone | None:
        """Remove all that is kept of a task that is being deleted, but for a tombstone.

        None where the record had moved on. Raises TaskNotFound. Carried out twice, it is once.
        """
        task = removal.task
        document = {
            "id": task.id,
            "expect": _texts(removal.expect),
            "put": removal.tombstone,
            "owner": task.owner or "",
            "kept": RETENTION_MS,
            "booking": removal.booking is not None and asdict(removal.booking),
        }
        names = [
            keys.record(task.id),
            keys.tombstone(task.id),
            task.idempotency or keys.tombstone(task.id),
            keys.conversation(task.id),
            keys.response(task.id),
            keys.children(task.id),
            keys.response_task(task.response_id or ""),
            keys.sweep_queue(task.provider),
            keys.job_starts(task.provider),
            keys.spending(task.provider),
            keys.reserved(task.provider),
            keys.budget_queue(task.provider),
            queue_name(task.provider),
            keys.DELETED,
            keys.PRUNED_UPTO,
            *_NEWS,
            *removal.indexes,
        ]
        result = await DELETE.run(self._redis, names, [orjson.dumps(document)])
        outcome, left = result.reply
        match outcome:
            case b"missing":
                raise TaskNotFound(task.id)
            case b"stale":
                return None
            case _:
                return Tombstone.from_record(_fields(left))

    async def count_start(self, task: Task) -> None:
        """Count that a job of the task was started; any progress forgets it."""
        await self._redis.hincrby(keys.job_starts(task.provider), task.id, 1)

    async def start_poll(self, task_id: str, generation: int, number: int) -> TimedTask | None:
        """The task for its ``number``-th poll, counted as started; None where that is not next.

        Raises TaskNotFound.
        """
        names = [keys.record(task_id), keys.job_starts(self._provider)]
        expected = (task_id, "generation", generation, "polls", number - 1)
        result = await START_POLL.run(self._redis, names, [str(word).encode() for word in expected])
        now, record, current = result.reply
        if not record:
            raise TaskNotFound(task_id)
        return TimedTask(_task(record), int(now)) if current else None

    async def postpone(self, task: Task, due: int) -> None:
        """Have the sweep look at the task in ``due`` milliseconds."""
        now = await clock.now(self._redis)
        await self._redis.zadd(keys.sweep_queue(self._provider), {task.id: now + due}, xx=True)

    async def enqueue(self, job: Job) -> None:
        """Add a job that no change of a record implies."""
        now = await clock.now(self._redis)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.set(job.key, job.payload, px=job.delay + JOB_LIFE_MS)
            pipe.zadd(queue_name(self._provider), {job.id: now + job.delay}, nx=True)
            await pipe.execute()

    def _mark(self, change: Change) -> EpochMark | None:
        """What a claim must not be behind; None for other changes, and where nobody remembers."""
        if self._high_water is None or change.after is not Status.SUBMITTING:
            return None
        mark = self._high_water.read()
        if mark is None:
            raise RollbackCheckPending(change.task.id)
        return mark

    async def _remember(self, task_id: str, history: str, record: list[bytes]) -> None:
        """Keep a claim outside the store, before it may be used. Raises WriteNotConfirmed."""
        if self._high_water is None:
            return
        number = int(_fields(record)[b"claim_number"])
        try:
            await self._high_water.advance(EpochMark(history, number))
        except OSError as error:
            raise WriteNotConfirmed(task_id) from error


def _texts(values: Any) -> dict[str, str | bool]:  # noqa: ANN401 -- a field is any of several
    """For Lua: everything is text, and what is absent is false."""
    return {name: False if value is None else str(value) for name, value in values.items()}


def _sample(change: Change) -> dict[str, int | bool]:
    took, cost = change.duration_ms, change.set_fields.get("cost")
    known = {"took": took}
    if isinstance(cost, int):
        known |= {"cost": cost, "output_cost": max(cost - (change.task.input_cost or 0), 0)}
    return {"kept": MAX_SAMPLES} | {
        name: value for name, value in known.items() if value is not None
    }


def _job(job: Job) -> dict[str, str | int]:
    return {"id": job.id, "delay": job.delay, "life": JOB_LIFE_MS}


def _task(flat: list[bytes]) -> Task:
    return Task.from_record(_fields(flat))


def _fields(flat: list[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
