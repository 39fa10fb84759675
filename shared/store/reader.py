"""Reads task records, one or many, from the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from redis.asyncio import Redis

from shared.errors import TaskNotFound
from shared.queue import queue_name, submit_job
from shared.states import Status
from shared.store import clock, keys
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


class Reader:
    """What can be read by a process that serves ``provider``.

    Raises redis-py's errors when the server is away.
    """

    def __init__(self, redis: Redis, provider: str) -> None:
        self._redis = redis
        self._provider = provider

    async def load(self, task_id: str) -> Loaded:
        """The task with the store's time. Raises TaskNotFound."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hgetall(keys.record(task_id))
            pipe.time()
            record, time = await pipe.execute()
        if not record:
            raise TaskNotFound(task_id)
        return Loaded(Task.from_record(record), clock.milliseconds(time))

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

    async def task_of(self, response_id: str) -> str | None:
        """The id of the task that the response belongs to, as far as is known here."""
        task_id: bytes | None = await self._redis.get(keys.task_of(response_id))
        return None if task_id is None else task_id.decode()

    async def waiting_since(self, before: int) -> Sequence[Task]:
        """The provider's queued tasks up to a sequence number, oldest first."""
        ids = await self._redis.zrangebyscore(keys.status(Status.QUEUED), "-inf", before)
        tasks = _readable(await self._records(ids))
        waiting = [task for task in tasks if task.status is Status.QUEUED]
        return [task for task in waiting if task.provider == self._provider]

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

    async def tasks(self, ids: Sequence[str]) -> list[Task | None]:
        """The tasks in the order asked; None for what is gone or cannot be read here."""
        records = await self._records([task_id.encode() for task_id in ids])
        return [Task.from_record(record) if readable(record) else None for record in records]

    async def children(self, task_id: str) -> Sequence[str]:
        """The ids of the tasks that continue this one or repeat it, oldest first."""
        found = await self._redis.zrange(keys.children(task_id), 0, -1)
        return [child.decode() for child in found]

    async def changed_after(self, number: int, limit: int) -> Sequence[tuple[str, int]]:
        """Ids of changed tasks, each with the number of its last change, in that order.

        Each task is in it once, deleted ones until their receipt goes: what has seen the last
        number has seen everything.
        """
        found = await self._redis.zrangebyscore(
            keys.CHANGED, f"({number}", "+inf", start=0, num=limit, withscores=True
        )
        return [(task_id.decode(), int(score)) for task_id, score in found]

    async def page(
        self, *, status: Status | None, cursor: int | None, limit: int, owner: str | None = None
    ) -> Page:
        """Tasks newest first, below ``cursor``: what is added meanwhile moves nothing.

        Those of one owner, or everybody's.
        """
        index = keys.tasks(owner) if status is None else keys.status(status, owner)
        top = "+inf" if cursor is None else f"({cursor}"
        found = await self._redis.zrange(
            index, top, "-inf", desc=True, byscore=True, offset=0, num=limit + 1, withscores=True
        )
        shown = found[:limit]
        tasks = _readable(await self._records([task_id for task_id, _ in shown]))
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
        return _readable(records)

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

    async def _records(self, ids: Sequence[bytes]) -> list[dict[bytes, bytes]]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for task_id in ids:
                pipe.hgetall(keys.record(task_id.decode()))
            records: list[dict[bytes, bytes]] = await pipe.execute()
        return records


def _readable(records: Sequence[Mapping[bytes, bytes]]) -> list[Task]:
    return [Task.from_record(record) for record in records if readable(record)]
