"""Brings a store that an earlier version wrote up to date, once, before anything else is done.

Each step is one script that knows its own repetition, so that processes which start together may
all take part, and one that dies leaves the rest to the next.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import orjson
import structlog
from redis.asyncio import Redis

from shared.domain.errors import SettingUnusable
from shared.domain.states import Status
from shared.domain.task import FIRST_SCHEMA, SCHEMA, Task
from shared.store import keys
from shared.store.scripts import MIGRATE_RECORD, MIGRATE_SPENDING

AT_ONCE = 100
"""Records that are read together."""

_OURS = frozenset({"abandoned", "superseded", "poisoned"})
"""The ways of failing that are not the provider's word."""

_FIRST_SPENDING = re.compile(rb"backburner:spending:[^:]+")

log = structlog.get_logger("shared.store")


async def upgrade(redis: Redis) -> None:
    """Do what is left to do of it; one cheap question where that is nothing.

    Raises SettingUnusable for a store that a newer version has been at, and redis-py's errors.
    """
    found = int(await redis.get(keys.LAYOUT) or 0)
    if found > SCHEMA:
        raise SettingUnusable(
            "The store is kept by a newer version of Backburner: start that one, or restore a"
            " backup from before it."
        )
    if found == SCHEMA:
        return
    idempotency = await _idempotency(redis)
    upgraded = 0
    for ids in _batches(await redis.zrange(keys.tasks(), 0, -1)):
        upgraded += await _bring_up(redis, ids, idempotency)
    async for name in redis.scan_iter("backburner:spending:*", count=1_000):
        if _FIRST_SPENDING.fullmatch(name):
            await MIGRATE_SPENDING.run(redis, [name.decode()], [])
    await redis.set(keys.LAYOUT, SCHEMA)
    if upgraded:
        log.info("store is up to date", schema=SCHEMA, upgraded=upgraded)


async def _idempotency(redis: Redis) -> Mapping[str, str]:
    """For each task the key that stands for it: the first version did not note it in the record."""
    names = [name async for name in redis.scan_iter("backburner:idempotency:*", count=1_000)]
    found = {}
    for some in _batches(names):
        async with redis.pipeline(transaction=False) as pipe:
            for name in some:
                pipe.hget(name, "task")
            for name, task_id in zip(some, await pipe.execute(), strict=True):
                found[task_id.decode()] = name.decode()
    return found


async def _bring_up(redis: Redis, ids: Sequence[bytes], idempotency: Mapping[str, str]) -> int:
    """Bring these records up to date; how many there were that had to be."""
    async with redis.pipeline(transaction=False) as pipe:
        for task_id in ids:
            pipe.hgetall(keys.record(task_id.decode()))
        records = await pipe.execute()
    old = [
        Task.from_record(record)
        for record in records
        if record.get(b"schema") == b"%d" % FIRST_SCHEMA
    ]
    moved = [task for task in old if not await _upgraded(redis, task, idempotency.get(task.id))]
    if moved:
        await _bring_up(redis, [task.id.encode() for task in moved], idempotency)
    return len(old)


async def _upgraded(redis: Redis, task: Task, idempotency: str | None) -> bool:
    """Whether it is up to date now; not where it moved on since it was read."""
    ended_from = task.ended_from or how_it_ended(task)
    put = {"idempotency": task.idempotency or idempotency, "ended_from": ended_from}
    document = {
        "id": task.id,
        "from": str(FIRST_SCHEMA),
        "to": str(SCHEMA),
        "version": str(task.version),
        "put": {name: value for name, value in put.items() if value is not None},
    }
    parents = [link for link in (task.parent_id, task.retry_of) if link is not None]
    names = [
        keys.record(task.id),
        *(keys.CHANGES, keys.CHANGED, keys.EVENTS),
        *(name(parent) for parent in parents for name in (keys.record, keys.children)),
    ]
    return bool((await MIGRATE_RECORD.run(redis, names, [orjson.dumps(document)])).reply)


def how_it_ended(task: Task) -> Status | None:
    """The state in which we ended it ourselves, as far as a record of the first version tells.

    By it a deletion knows whether the provider may have the task.
    """
    if not task.ended:
        return None
    if task.watched is not None or task.stop_there:
        return Status.IN_PROGRESS
    ours = task.status is Status.CANCELLED or task.error_code in _OURS
    if task.response_id is not None or not ours:
        return None
    return Status.QUEUED if task.claim is None else Status.UNCONFIRMED


def _batches(items: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(items), AT_ONCE):
        yield items[start : start + AT_ONCE]
