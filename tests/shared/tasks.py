"""Tasks for tests: snapshots for pure decisions, and real ones brought to a state by the store."""

from itertools import count
from typing import Any

from shared.domain import changes
from shared.domain.states import Status
from shared.domain.task import Task
from shared.store import Store, TaskInsert

_numbers = count(1)


def snapshot(status: Status = Status.QUEUED, **fields: Any) -> Task:
    """A task as it might have been read."""
    given = {"id": "task_1", "provider": "openai", "title": "A title", "seq": 1, "created_at": 0}
    return Task(status=status, version=1, generation=0, **(given | fields))


def acceptance(**fields: Any) -> TaskInsert:
    """A new task; each one has its own id unless told."""
    given = {"provider": "openai", "title": "A title", "conversation": b"[]", "limit": 1000}
    return TaskInsert(**({"id": f"task_{next(_numbers)}"} | given | fields))


async def accepted(store: Store, **fields: Any) -> Task:
    return (await store.insert(acceptance(**fields))).task


async def changed(store: Store, change: changes.Change, token: str | None = None) -> Task:
    """The task after a change that must be carried out."""
    task = await store.apply(change, token=token)
    assert task is not None
    return task


async def submitting(store: Store, lease: int = 50_000, **fields: Any) -> Task:
    return await changed(store, changes.claim(await accepted(store, **fields), "a claim", lease))


async def unconfirmed(store: Store) -> Task:
    return await changed(store, changes.mark_unconfirmed(await submitting(store), "no answer"))


async def adopting(store: Store) -> Task:
    return await changed(store, changes.adopt(await unconfirmed(store), "resp_1", 0, 25_000))


async def watched(store: Store) -> Task:
    """Cancelled by a person while it ran at the provider."""
    return await changed(store, changes.cancel(await in_progress(store), 25_000))


async def cancelled_unsent(store: Store) -> Task:
    """Cancelled while it was being sent, so that nobody knows a response of it."""
    return await changed(store, changes.cancel(await submitting(store), 25_000))


async def deleting(store: Store) -> Task:
    """The same, and a person wants it deleted."""
    return await changed(store, changes.request_deletion(await cancelled_unsent(store)))


async def in_progress(
    store: Store, first_poll: int = 61_000, late: int = 25_000, **fields: Any
) -> Task:
    task = await submitting(store, **fields)
    return await changed(
        store, changes.mark_in_progress(task, "resp_1", "queued", first_poll, late)
    )
