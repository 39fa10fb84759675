"""Reads task records and carries out changes of them, each with one atomic script."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from redis.asyncio import Redis

from shared.changes import Change
from shared.errors import (
    BudgetUsedUp,
    IdempotencyKeyReused,
    NotDurable,
    TaskNotFound,
    TooManyOpenTasks,
)
from shared.ids import new_token
from shared.queue import JOB_LIFE_MS, Job, queue_name
from shared.states import OPEN, Status
from shared.store import clock, keys
from shared.store.acceptance import Acceptance, Accepted
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


class Store:
    """The task records of one installation, as seen by a process that serves ``provider``.

    ``confirm`` says whether durable writes are confirmed to be on disk; only a store without an
    append-only file cannot. Raises redis-py's errors when the server is away.
    """

    def __init__(self, redis: Redis, provider: str, *, confirm: bool = True) -> None:
        self._redis = redis
        self._provider = provider
        self._confirm = confirm

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
        (outcome, now, what), kept = await ACCEPT.run(
            self._redis, names, arguments, confirm=self._confirm
        )
        if not kept:
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
        when ``durable`` was asked for and the server did not confirm it.
        """
        document = {
            "id": change.task_id,
            "token": token or new_token(),
            "status": change.after,
            "expect": _texts({"status": change.before, **change.expect}),
            "put": _texts(change.put),
            "at": change.at,
            "visible": change.visible,
            "due": False if change.due is None else change.due,
            "job": change.job is not None and _job(change.job),
            "spend": change.spend,
        }
        job = change.job
        record = keys.record(change.task_id)
        names = [
            record,
            keys.status(change.before),
            keys.status(change.after),
            keys.due(self._provider),
            queue_name(self._provider),
            job.key if job else record,
            keys.response(change.task_id),
            keys.spending(self._provider),
        ]
        arguments = [orjson.dumps(document), job.payload if job else b"", change.response or b""]
        (outcome, _, fields), kept = await CHANGE.run(
            self._redis, names, arguments, confirm=durable and self._confirm
        )
        if not kept:
            raise NotDurable(change.task_id)
        if outcome == b"missing":
            raise TaskNotFound(change.task_id)
        return _task(fields) if outcome == b"applied" else None

    async def load(self, task_id: str) -> Loaded:
        """The task with the store's time. Raises TaskNotFound."""
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.hgetall(keys.record(task_id))
            pipe.time()
            record, time = await pipe.execute()
        if not record:
            raise TaskNotFound(task_id)
        return Loaded(Task.from_record(record), clock.milliseconds(time))

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

    async def _records(self, ids: Sequence[bytes]) -> list[dict[bytes, bytes]]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for task_id in ids:
                pipe.hgetall(keys.record(task_id.decode()))
            records: list[dict[bytes, bytes]] = await pipe.execute()
        return records


def _texts(values: Any) -> dict[str, str | bool]:  # noqa: ANN401
    """For Lua: everything is text, and what is absent is false."""
    return {name: False if value is None else str(value) for name, value in values.items()}


def _job(job: Job) -> dict[str, str | int]:
    return {"id": job.id, "delay": job.delay, "life": JOB_LIFE_MS}


def _task(flat: list[bytes]) -> Task:
    return Task.from_record(dict(zip(flat[::2], flat[1::2], strict=True)))
