"""The keys and arguments of the scripts that write tasks, by the names that the scripts use."""

from collections.abc import Mapping
from dataclasses import asdict

from shared.domain.changes import Change
from shared.domain.states import OPEN, Status
from shared.domain.task import Task
from shared.domain.tombstone import RETENTION_MS
from shared.queue import JOB_LIFE_MS, Job, queue_name
from shared.store import keys
from shared.store.compression import compress
from shared.store.deletion import TaskDeletion
from shared.store.epoch_mark import EpochMark
from shared.store.insert import JOIN_MS, TaskInsert
from shared.store.ledger import MAX_SAMPLES
from shared.store.scripts import Request
from shared.store.webhook_events import WEBHOOK_KEYS, event_args

_EVENTS = {
    "change_counter": keys.CHANGE_COUNTER,
    "change_index": keys.CHANGE_INDEX,
    "events": keys.EVENTS,
    "stored_bytes": keys.STORED_BYTES,
}


async def insert_request(new: TaskInsert, *, confirmed: bool) -> Request:
    """For insert.lua; ``confirmed`` if WAITAOF and WAIT follow it."""
    key, owner, unkeyed = new.idempotency_key, new.owner, new.unkeyed
    return Request(
        keys=_EVENTS
        | ({} if key is None else {"idempotency": keys.idempotency(key, owner)})
        | ({} if unkeyed is None else {"same_body": keys.same_body(unkeyed.body_hash, owner)})
        | {
            "record": keys.record(new.id),
            "input": keys.conversation(new.id),
            "tombstone": keys.tombstone(new.id),
            "sequence": keys.SEQUENCE,
            "sweep_queue": keys.sweep_queue(new.provider),
            "queue": queue_name(new.provider),
            "job": new.job.key,
            "indexes": [
                name
                for who in (None, owner)
                for name in (keys.tasks(who), keys.status(Status.QUEUED, who))
            ],
            "parents": [keys.record(parent) for parent in new.parents],
            "children": [keys.children(parent) for parent in new.parents],
            "open": [keys.status(status) for status in sorted(OPEN)],
            "owner_open": [keys.status(status, owner) for status in sorted(OPEN)],
        },
        args={
            "id": new.id,
            "fields": [part for field in new.record.items() for part in field],
            "sweep_after": new.sweep_after,
            "job": _job(new.job),
            "limit": new.limit + new.replaced,
            "owner_limit": new.owner_limit and new.owner_limit + new.replaced,
            "owner_max_bytes": new.owner_max_bytes,
            "fingerprint": new.fingerprint,
            "owner": owner or "",
            "is_retry": unkeyed and unkeyed.is_retry,
            "received_at": unkeyed and unkeyed.received_at,
            "join_ms": JOIN_MS,
            "confirmed": confirmed,
        },
        blobs={"payload": new.job.payload, "input": await compress(new.conversation)},
    )


async def change_request(change: Change, token: str, mark: EpochMark | None) -> Request:
    """For change.lua; ``mark`` is what a claim requires of the store."""
    task, job, owners = change.task, change.job, sorted({change.task.owner or "", ""})
    response_id = change.set_fields.get("response_id")
    return Request(
        keys=_EVENTS
        | _money_keys(task)
        | {
            "record": keys.record(task.id),
            "indexes_before": [keys.status(change.before, who or None) for who in owners],
            "indexes_after": [keys.status(change.after, who or None) for who in owners],
            "job": keys.record(task.id) if job is None else job.key,
            "response": keys.response(task.id),
            "budgets": keys.budgets(task.provider),
            "active_owners": keys.active_owners(task.provider),
            "waiting": keys.waiting(task.provider),
            "samples": [keys.samples(task.provider, who or None) for who in owners],
            "response_task": keys.response_task(str(response_id)),
            "epoch": keys.epoch(task.provider),
            "webhook_endpoints": keys.webhook_endpoints(task.owner),
            **WEBHOOK_KEYS,
        },
        args={
            "id": task.id,
            "token": token,
            "status": change.after,
            "expect": _texts({"status": change.before, **change.expect}),
            "set_fields": _texts(change.set_fields),
            "set_times": change.set_times,
            "visible": change.visible,
            "progress": change.progress,
            "sweep_after": change.sweep_after,
            "job": None if job is None else _job(job),
            "owner": task.owner or "",
            "reserve": change.reserve,
            "exclusive": change.exclusive,
            "waits_for_budget": change.waits_for_budget,
            "waits_for_provider": change.waits_for_provider,
            "settled": change.settled,
            "booking": None if change.booking is None else asdict(change.booking),
            "sample": _sample(change) if change.is_sample else None,
            "mark": None if mark is None else asdict(mark),
            "webhook_event": change.webhook_event and event_args(change.webhook_event),
        },
        blobs={
            "payload": b"" if job is None else job.payload,
            "response": await compress(change.response or b""),
        },
    )


def delete_request(deletion: TaskDeletion) -> Request:
    """For delete.lua."""
    task, booking = deletion.task, deletion.booking
    return Request(
        keys=_EVENTS
        | _money_keys(task)
        | {
            "record": keys.record(task.id),
            "tombstone": keys.tombstone(task.id),
            "idempotency": task.idempotency or keys.tombstone(task.id),
            "texts": [
                keys.conversation(task.id),
                keys.response(task.id),
                keys.children(task.id),
                keys.response_task(task.response_id or ""),
            ],
            "deleted": keys.DELETED,
            "pruned_upto": keys.PRUNED_UPTO,
            "indexes": deletion.indexes,
        },
        args={
            "id": task.id,
            "expect": _texts(deletion.expect),
            "tombstone": deletion.tombstone,
            "owner": task.owner or "",
            "retention_ms": RETENTION_MS,
            "booking": None if booking is None else asdict(booking),
        },
    )


def annotate_request(task: Task, marks: Mapping[str, object]) -> Request:
    """For annotate.lua."""
    return Request(
        keys=_EVENTS
        | {
            "record": keys.record(task.id),
            "pins": [keys.pins(who) for who in (None, *filter(None, [task.owner]))],
        },
        args={"id": task.id, "marks": marks, "owner": task.owner or ""},
    )


def start_poll_request(provider: str, task_id: str, generation: int, polls: int) -> Request:
    """For start_poll.lua."""
    return Request(
        keys={"record": keys.record(task_id), "job_starts": keys.job_starts(provider)},
        args={"id": task_id, "expect": {"generation": str(generation), "polls": str(polls)}},
    )


def _money_keys(task: Task) -> dict[str, str]:
    """The keys of a provider that the scripts use when a task's reservation is released."""
    return {
        "spending": keys.spending(task.provider),
        "reserved": keys.reserved(task.provider),
        "budget_queue": keys.budget_queue(task.provider),
        "queue": queue_name(task.provider),
        "sweep_queue": keys.sweep_queue(task.provider),
        "job_starts": keys.job_starts(task.provider),
    }


def _texts(values: Mapping[str, object]) -> dict[str, str | bool]:
    """As Lua reads hash fields: every value is a string, and an absent one is false."""
    return {name: False if value is None else str(value) for name, value in values.items()}


def _sample(change: Change) -> dict[str, int | bool]:
    took, cost = change.duration_ms, change.set_fields.get("cost")
    known = {"duration_ms": took}
    if isinstance(cost, int):
        known |= {"cost": cost, "output_cost": max(cost - (change.task.input_cost or 0), 0)}
    return {"kept": MAX_SAMPLES} | {
        name: value for name, value in known.items() if value is not None
    }


def _job(job: Job) -> dict[str, str | int]:
    return {"id": job.id, "delay": job.delay, "life": JOB_LIFE_MS}
