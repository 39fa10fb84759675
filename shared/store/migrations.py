"""Migrates a store that an earlier version wrote, once, before a process does anything else.

Each step is one script that recognises its own repetition: processes that start together may all
take part, and the next process finishes what a crashed one left.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

import structlog
from redis.asyncio import Redis

from shared.domain.errors import InvalidSetting
from shared.domain.states import Status
from shared.domain.task import SCHEMA, Task
from shared.queue import rate_key
from shared.store import keys
from shared.store.scripts import (
    MIGRATE_RECORD,
    MIGRATE_SPENDING,
    RENAME_FIELDS,
    RENAME_KEYS,
    Request,
)

BATCH_SIZE = 100
"""Records that are read together."""

_FIRST_SCHEMA = b"1"

_LOCAL_ERRORS = frozenset({"abandoned", "superseded", "poisoned"})
"""Error codes that Backburner sets itself; all others come from the provider."""

_FIRST_SPENDING = re.compile(rb"backburner:spending:[^:]+")

_RENAMED_KEYS = {
    "changes": keys.CHANGE_COUNTER,
    "changed": keys.CHANGE_INDEX,
    "forgotten": keys.PRUNED_UPTO,
} | {
    f"{old}:{provider}": new(provider)
    for provider in ("openai", "simulator")
    for old, new in {
        "due": keys.sweep_queue,
        "starts": keys.job_starts,
        "waiting": keys.budget_queue,
        "history": keys.epoch,
        "gate": keys.submission_gate,
        "pace": rate_key,
    }.items()
}
"""What followed ``backburner:`` up to schema 2, and the name of today."""

_RENAMED_FIELDS = {
    "claim": "claim_token",
    "watched": "watch_until",
    "stop_there": "cancel_pending",
    "deleting": "deletion_requested_at",
    "change": "change_token",
    "waits": "budget_job",
}
"""Fields of a record up to schema 2, and their names of today."""

log = structlog.get_logger("shared.store")


async def migrate(redis: Redis) -> None:
    """Migrate what is not migrated yet; where that is nothing, this costs one read.

    Raises InvalidSetting for a store of a newer version, and redis-py's errors.
    """
    found = int(await redis.get(keys.SCHEMA_VERSION) or 0)
    if found > SCHEMA:
        raise InvalidSetting(
            "A newer version of Backburner migrated the store at REDIS_URL: start that version, or"
            " restore a backup from before the migration."
        )
    if found == SCHEMA:
        return
    renamed = {f"backburner:{old}": new for old, new in _RENAMED_KEYS.items()}
    await RENAME_KEYS.run(redis, Request({"old": list(renamed), "new": list(renamed.values())}))
    idempotency = await _idempotency(redis)
    migrated = 0
    for ids in _batches(await redis.zrange(keys.tasks(), 0, -1)):
        migrated += await _rename_fields(redis, ids)
        migrated += await _migrate_first(redis, ids, idempotency)
    async for name in redis.scan_iter("backburner:spending:*", count=1_000):
        if _FIRST_SPENDING.fullmatch(name):
            await MIGRATE_SPENDING.run(redis, Request({"spending": name.decode()}))
    await redis.set(keys.SCHEMA_VERSION, SCHEMA)
    if migrated:
        log.info("store_migrated", schema=SCHEMA, records=migrated)


async def _rename_fields(redis: Redis, ids: Sequence[bytes]) -> int:
    """Rename the fields of these records; how many of them are fully migrated by that."""
    records = [keys.record(task_id.decode()) for task_id in ids]
    request = Request({"records": records}, {"schema": SCHEMA, "names": _RENAMED_FIELDS})
    return int((await RENAME_FIELDS.run(redis, request)).reply)


async def _idempotency(redis: Redis) -> Mapping[str, str]:
    """The idempotency key of each task; records of schema 1 do not name it."""
    names = [name async for name in redis.scan_iter("backburner:idempotency:*", count=1_000)]
    found = {}
    for some in _batches(names):
        async with redis.pipeline(transaction=False) as pipe:
            for name in some:
                pipe.hget(name, "task")
            for name, task_id in zip(some, await pipe.execute(), strict=True):
                found[task_id.decode()] = name.decode()
    return found


async def _migrate_first(redis: Redis, ids: Sequence[bytes], idempotency: Mapping[str, str]) -> int:
    """Migrate those of these records that have schema 1; how many there were."""
    async with redis.pipeline(transaction=False) as pipe:
        for task_id in ids:
            pipe.hgetall(keys.record(task_id.decode()))
        records = await pipe.execute()
    old = [
        Task.from_record(record | {b"schema": b"%d" % SCHEMA})
        for record in records
        if record.get(b"schema") == _FIRST_SCHEMA
    ]
    moved = [
        task for task in old if not await _migrate_record(redis, task, idempotency.get(task.id))
    ]
    if moved:
        await _migrate_first(redis, [task.id.encode() for task in moved], idempotency)
    return len(old)


async def _migrate_record(redis: Redis, task: Task, idempotency: str | None) -> bool:
    """Whether the record is migrated now; not where it changed since it was read."""
    ended_from = task.ended_from or infer_ended_from(task)
    put = {"idempotency": task.idempotency or idempotency, "ended_from": ended_from}
    parents = [link for link in (task.parent_id, task.retry_of) if link is not None]
    request = Request(
        keys={
            "record": keys.record(task.id),
            "change_counter": keys.CHANGE_COUNTER,
            "change_index": keys.CHANGE_INDEX,
            "events": keys.EVENTS,
            "parents": [keys.record(parent) for parent in parents],
            "children": [keys.children(parent) for parent in parents],
        },
        args={
            "id": task.id,
            "from": _FIRST_SCHEMA.decode(),
            "to": str(SCHEMA),
            "version": str(task.version),
            "set_fields": {name: value for name, value in put.items() if value is not None},
        },
    )
    return bool((await MIGRATE_RECORD.run(redis, request)).reply)


def infer_ended_from(task: Task) -> Status | None:
    """The state in which Backburner ended the task, as far as a record of schema 1 shows it.

    A deletion uses it to decide whether the provider may have the task.
    """
    if not task.is_terminal:
        return None
    if task.watch_until is not None or task.cancel_pending:
        return Status.IN_PROGRESS
    ours = task.status is Status.CANCELLED or task.error_code in _LOCAL_ERRORS
    if task.response_id is not None or not ours:
        return None
    return Status.QUEUED if task.claim_token is None else Status.UNCONFIRMED


def _batches(items: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(items), BATCH_SIZE):
        yield items[start : start + BATCH_SIZE]
