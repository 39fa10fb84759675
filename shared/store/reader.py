"""Reads task records, one or many, from the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from redis.asyncio import Redis

from shared.domain.errors import EventsTrimmed, TaskDeleted, TaskNotFound
from shared.domain.spending import INSTALLATION
from shared.domain.states import Status
from shared.domain.task import Task, readable
from shared.domain.tombstone import Tombstone
from shared.queue import poll_job, queue_name, submit_job
from shared.store import clock, keys
from shared.store.compression import decompress
from shared.store.ledger import DAY_MS, Ledger
from shared.store.stats import StoreStats, read_stats


@dataclass(frozen=True, slots=True)
class TimedTask:
    """A task and the store's time in ms, read at one moment."""

    task: Task
    now: int


@dataclass(frozen=True, slots=True)
class TaskWithTexts:
    """A task with its texts, read at one moment; ``response`` is None while there is none."""

    task: Task
    conversation: bytes
    response: bytes | None


@dataclass(frozen=True, slots=True)
class Page:
    """Tasks in the order asked; ``cursor`` asks for the next page and is None on the last."""

    tasks: Sequence[Task]
    cursor: int | None


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """Tasks by state; the longest delay in ms; micro-dollars spent today, and expected to be.

    ``waiting`` tasks are not sent because a budget has no room for them.
    """

    tasks: Mapping[Status, int]
    overdue: int
    spent: int
    reserved: int
    waiting: int


class Rank(StrEnum):
    """What tasks are sorted by, the highest first."""

    COST = "cost"
    DURATION = "duration"


class Reader:
    """What can be read by a process that serves ``provider``.

    Raises redis-py's errors when the server is away.
    """

    def __init__(self, redis: Redis, provider: str) -> None:
        self._redis = redis
        self._provider = provider
        self.ledger = Ledger(redis, provider)

    async def load(self, task_id: str) -> TimedTask:
        """The task with the store's time. Raises TaskNotFound, or more closely TaskDeleted."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hgetall(keys.record(task_id))
            pipe.time()
            record, time = await pipe.execute()
        if not record:
            raise await self._missing(task_id)
        return TimedTask(Task.from_record(record), clock.milliseconds(time))

    async def load_with_texts(self, task_id: str) -> TaskWithTexts:
        """The task with its texts: none of it is newer than the rest. Raises as ``load`` does."""
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hgetall(keys.record(task_id))
            pipe.get(keys.conversation(task_id))
            pipe.get(keys.response(task_id))
            record, text, body = await pipe.execute()
        if not record or text is None:
            raise await self._missing(task_id)
        response = None if body is None else await decompress(body)
        return TaskWithTexts(Task.from_record(record), await decompress(text), response)

    async def owns(self, owner: str, task_id: str) -> bool:
        """Whether a task is, or was before it was deleted, this owner's."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.zscore(keys.tasks(owner), task_id)
            pipe.hget(keys.tombstone(task_id), "owner")
            number, left = await pipe.execute()
        return number is not None or left == owner.encode()

    async def job_starts(self, task_id: str) -> int:
        """How many jobs of the task were started since anything came of one."""
        return int(await self._redis.hget(keys.job_starts(self._provider), task_id) or 0)

    async def is_job_due(self, task: Task) -> bool:
        """Whether the task's next job is due and no worker has had room for it yet."""
        if task.status is Status.QUEUED:
            job = submit_job(task.id, task.generation, 0)
        else:
            job = poll_job(task.id, task.generation, task.polls + 1, 0)
        score: float | None = await self._redis.zscore(queue_name(self._provider), job.id)
        return score is not None and score <= await clock.now(self._redis)

    async def task_of_response(self, response_id: str) -> str | None:
        """The id of the task that the response belongs to, as far as is known here."""
        task_id: bytes | None = await self._redis.get(keys.response_task(response_id))
        return None if task_id is None else task_id.decode()

    async def queued_up_to(self, before: int) -> Sequence[Task]:
        """The provider's queued tasks up to a sequence number, oldest first."""
        ids = await self._redis.zrangebyscore(keys.status(Status.QUEUED), "-inf", before)
        tasks = _readable(await self._records(ids))
        waiting = [task for task in tasks if task.status is Status.QUEUED]
        return [task for task in waiting if task.provider == self._provider]

    async def conversation(self, task_id: str) -> bytes:
        """The task's input as JSON, unchanged since it was accepted. Raises as ``load`` does."""
        text: bytes | None = await self._redis.get(keys.conversation(task_id))
        if text is None:
            raise await self._missing(task_id)
        return await decompress(text)

    async def response(self, task_id: str) -> bytes | None:
        """The provider's object byte for byte, or None while there is none."""
        body: bytes | None = await self._redis.get(keys.response(task_id))
        return None if body is None else await decompress(body)

    async def tasks(self, ids: Sequence[str]) -> list[Task | None]:
        """The tasks in the order asked; None for what is gone or cannot be read here."""
        records = await self._records([task_id.encode() for task_id in ids])
        return [Task.from_record(record) if readable(record) else None for record in records]

    async def statuses(self, ids: Sequence[str]) -> list[str | None]:
        """The status of each task, much cheaper than the task; None for what is gone."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for task_id in ids:
                pipe.hget(keys.record(task_id), "status")
            found = await pipe.execute()
        return [None if status is None else status.decode() for status in found]

    async def key_exists(self, idempotency_key: str, owner: str | None) -> bool:
        """Whether the owner's key stands for a task."""
        return bool(await self._redis.exists(keys.idempotency(idempotency_key, owner)))

    async def load_texts(self, ids: Sequence[str]) -> list[tuple[bytes | None, bytes | None]]:
        """The conversation and the provider's object of each, None for what there is not."""
        names = [name(task_id) for task_id in ids for name in (keys.conversation, keys.response)]
        stored = await self._redis.mget(names) if names else []
        found = [None if text is None else await decompress(text) for text in stored]
        return list(zip(found[::2], found[1::2], strict=True))

    async def children(self, ids: Sequence[str], limit: int) -> list[Sequence[str]]:
        """For each task the ids of those that continue or repeat it, the oldest ``limit``."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for task_id in ids:
                pipe.zrange(keys.children(task_id), 0, limit - 1)
            lists = await pipe.execute()
        return [[child.decode() for child in found] for found in lists]

    async def changed_after(
        self, number: int, limit: int, *, since: int | None = None
    ) -> Sequence[tuple[str, int]]:
        """Ids of changed tasks, each with the number of its last change, in that order.

        Each task is in it once, deleted ones until their receipt goes: what has seen the last
        number has seen everything. Raises EventsTrimmed where a deletion after ``since`` is
        forgotten: a copy derived until then may hold more than the store, and must be rebuilt
        from 0. By default that is ``number``; a reader of many batches gives the first one's.
        """
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.get(keys.PRUNED_UPTO)
            pipe.zrangebyscore(
                keys.CHANGE_INDEX, f"({number}", "+inf", start=0, num=limit, withscores=True
            )
            forgotten, found = await pipe.execute()
        if 0 < (number if since is None else since) < int(forgotten or 0):
            raise EventsTrimmed(number)
        return [(task_id.decode(), int(score)) for task_id, score in found]

    async def sent_times(self, limit: int) -> Mapping[str, int]:
        """When up to ``limit`` tasks in progress were sent, in ms; any, where there are more."""
        ids = await self._redis.zrandmember(keys.status(Status.IN_PROGRESS), limit)
        async with self._redis.pipeline(transaction=False) as pipe:
            for task_id in ids:
                pipe.hmget(keys.record(task_id.decode()), "provider", "submitted_at")
            found = await pipe.execute()
        ours = self._provider.encode()
        return {
            task_id.decode(): int(sent_at)
            for task_id, (provider, sent_at) in zip(ids, found, strict=True)
            if provider == ours and sent_at
        }

    async def sample_in_progress(self, limit: int) -> Sequence[Task]:
        """Up to ``limit`` of the provider's tasks in progress; any, where there are more."""
        ids = await self._redis.zrandmember(keys.status(Status.IN_PROGRESS), limit)
        tasks = _readable(await self._records(ids))
        return [task for task in tasks if task.provider == self._provider]

    async def seq_at(self, moment: int, owner: str | None = None) -> int:
        """A sequence number below which all tasks are older than ``moment`` (ms), and no others.

        Tasks are numbered as they are accepted, so it is found in some twenty looks among any
        number of them. Where the store's clock was set back it is as good as the clock was.
        """
        low, high = 0, int(await self._redis.get(keys.SEQUENCE) or 0) + 1
        probe = high // 2
        while low < high:
            found = await self._redis.zrange(
                *(keys.tasks(owner), probe, high - 1),
                byscore=True,
                offset=0,
                num=1,
                withscores=True,
            )
            if not found:
                high, probe = probe, (low + probe) // 2
                continue
            ((task_id, number),) = found
            created = await self._redis.hget(keys.record(task_id.decode()), "created_at")
            if created is None and number + 1 < high:  # deleted since: its neighbour will do
                probe = int(number) + 1
                continue
            if created is None or int(created) >= moment:
                high = probe
            else:
                low = int(number) + 1
            probe = (low + high) // 2
        return low

    async def page(
        self,
        *,
        status: Status | None,
        cursor: int | None,
        limit: int,
        owner: str | None = None,
        lowest: int = 0,
        pinned: bool = False,
    ) -> Page:
        """Tasks newest first, below ``cursor``: what is added meanwhile moves nothing.

        Those of one owner, or everybody's; none with a sequence number under ``lowest``; with
        ``pinned`` the pinned ones, whatever their status.
        """
        index = _index(status, owner, pinned=pinned)
        top = "+inf" if cursor is None else f"({cursor}"
        found = await self._redis.zrange(
            index, top, lowest, desc=True, byscore=True, offset=0, num=limit + 1, withscores=True
        )
        shown = found[:limit]
        tasks = _readable(await self._records([task_id for task_id, _ in shown]))
        return Page(tasks, int(shown[-1][1]) if len(found) > limit else None)

    async def ids(
        self,
        *,
        status: Status | None,
        cursor: int | None,
        limit: int,
        owner: str | None,
        lowest: int = 0,
        pinned: bool = False,
    ) -> Sequence[str]:
        """The ids of the newest tasks that ``page`` would list."""
        index = _index(status, owner, pinned=pinned)
        top = "+inf" if cursor is None else f"({cursor}"
        found = await self._redis.zrange(
            index, top, lowest, desc=True, byscore=True, offset=0, num=limit
        )
        return [task_id.decode() for task_id in found]

    async def count(
        self,
        *,
        status: Status | None,
        cursor: int | None,
        owner: str | None,
        lowest: int = 0,
        pinned: bool = False,
    ) -> int:
        """How many tasks ``page`` would list in all."""
        index = _index(status, owner, pinned=pinned)
        top = "+inf" if cursor is None else f"({cursor}"
        return int(await self._redis.zcount(index, lowest, top))

    async def top(self, ids: Sequence[str], rank: Rank, limit: int) -> Sequence[Task]:
        """Of these tasks the most expensive or the longest, highest first; equals stay in order.

        An open task lasts until now, and what a task without a price is believed to have cost
        counts as its cost.
        """
        fields = ("created_at", "completed_at", "cost", "estimated_cost")
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.time()
            for task_id in ids:
                pipe.hmget(keys.record(task_id), *fields)
            time, *rows = await pipe.execute()
        now = clock.milliseconds(time)

        def value(row: Sequence[bytes | None]) -> int:
            created, completed, cost, estimate = (int(each or 0) for each in row)
            return cost or estimate if rank is Rank.COST else (completed or now) - (created or now)

        values = dict(zip(ids, map(value, rows), strict=True))
        highest = sorted(ids, key=lambda task_id: -values[task_id])[:limit]
        return [task for task in await self.tasks(highest) if task]

    async def oldest_page(self, after: int, limit: int) -> Page:
        """Everybody's tasks in the order of their acceptance, after a sequence number."""
        found = await self._redis.zrange(
            keys.tasks(), f"({after}", "+inf", byscore=True, offset=0, num=limit, withscores=True
        )
        tasks = _readable(await self._records([task_id for task_id, _ in found]))
        return Page(tasks, int(found[-1][1]) if len(found) == limit else None)

    async def overdue(self, limit: int) -> Sequence[Task]:
        """The tasks to which nothing happened in time, longest first.

        Left out is what this version cannot read: a newer poller will take it up.
        """
        now = await clock.now(self._redis)
        due = keys.sweep_queue(self._provider)
        ids = await self._redis.zrangebyscore(due, "-inf", now, start=0, num=limit)
        records = await self._records(ids)
        gone = [task_id for task_id, record in zip(ids, records, strict=True) if not record]
        if gone:
            await self._redis.zrem(due, *gone)
        return _readable(records)

    async def waiting_for_provider(self, limit: int) -> Sequence[Task]:
        """Open tasks that the provider brings no further, longest first.

        An earlier version ends tasks without removing them from this index.
        """
        index = keys.waiting(self._provider)
        ids = await self._redis.zrange(index, 0, limit - 1)
        records = await self._records(ids)
        tasks = [task for task in _readable(records) if task.waits_for_provider]
        if gone := set(ids) - {task.id.encode() for task in tasks}:
            await self._redis.zrem(index, *gone)
        return tasks

    async def stats(self) -> StoreStats:
        """How the store and this provider's queue are doing."""
        return await read_stats(self._redis, self._provider)

    async def counts(self) -> TaskCounts:
        """How the tasks of all providers stand, and what this one's are late and cost."""
        now = await clock.now(self._redis)
        due = keys.sweep_queue(self._provider)
        async with self._redis.pipeline(transaction=False) as pipe:
            for status in Status:
                pipe.zcard(keys.status(status))
            pipe.zrangebyscore(due, "-inf", now, start=0, num=1, withscores=True)
            pipe.hget(keys.spending(self._provider, now // DAY_MS), f"spent:{INSTALLATION}")
            pipe.hget(keys.reserved(self._provider), INSTALLATION)
            pipe.zcard(keys.budget_queue(self._provider))
            *counts, overdue, spent, reserved, waiting = await pipe.execute()
        late = now - int(overdue[0][1]) if overdue else 0
        tasks = dict(zip(Status, counts, strict=True))
        return TaskCounts(tasks, late, int(spent or 0), int(reserved or 0), waiting)

    async def _missing(self, task_id: str) -> TaskNotFound:
        """Why there is no record: the script that removes it leaves a tombstone."""
        record = await self._redis.hgetall(keys.tombstone(task_id))
        if not record:
            return TaskNotFound(task_id)
        return TaskDeleted(task_id, Tombstone.from_record(record))

    async def _records(self, ids: Sequence[bytes]) -> list[dict[bytes, bytes]]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for task_id in ids:
                pipe.hgetall(keys.record(task_id.decode()))
            records: list[dict[bytes, bytes]] = await pipe.execute()
        return records


def _index(status: Status | None, owner: str | None, *, pinned: bool) -> str:
    if pinned:
        return keys.pins(owner)
    return keys.tasks(owner) if status is None else keys.status(status, owner)


def _readable(records: Sequence[Mapping[bytes, bytes]]) -> list[Task]:
    return [Task.from_record(record) for record in records if readable(record)]
