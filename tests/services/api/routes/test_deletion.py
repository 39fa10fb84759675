"""What has ended can be deleted; afterwards every call on it says so, with a receipt."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from services.api.auth.principal import Principal
from services.api.dependencies import load_task
from shared.domain import changes
from shared.domain.changes import Change
from shared.domain.errors import TaskDeleted, TaskNotFound
from shared.domain.task import Task
from shared.domain.tombstone import DeletionOutcome
from shared.store import Store, TaskDeletion
from tests.services.api.conftest import Service, problem
from tests.shared import tasks


@pytest.fixture
async def ended(service: Service) -> str:
    """The id of an answered task."""
    task_id: str = (await service.submit())["id"]
    await service.completed(task_id)
    return task_id


@pytest.fixture
def delete(service: Service) -> Callable[[str], Awaitable[None]]:
    """Have a task deleted, also by the poller."""

    async def delete(task_id: str) -> None:
        assert (await service.http.delete(f"/v1/tasks/{task_id}")).status_code == 202
        task = await service.task(task_id)
        assert await service.store.delete(TaskDeletion(task, DeletionOutcome.DELETED))

    return delete


async def test_a_deletion_is_accepted_and_creates_a_job(ended: str, service: Service) -> None:
    before = await service.task(ended)
    reply = await service.http.delete(f"/v1/tasks/{ended}")
    task = reply.json()
    assert (reply.status_code, task["status"]) == (202, "completed")
    assert task["deletion"]["requested_at"] is not None
    assert (task["deletion"]["attempts"], task["deletion"]["problem"]) == (0, None)
    assert task["version"] == before.version + 1
    assert await service.redis.exists(f"arq:job:delete:{ended}:{before.generation + 1}:0")
    assert (await service.http.get(f"/v1/tasks/{ended}")).json() == task
    (listed,) = (await service.http.get("/v1/tasks")).json()["data"]
    assert listed["deletion"] == task["deletion"]


async def test_a_deletion_here_only_needs_an_attempt_that_was_not_confirmed(
    ended: str, service: Service
) -> None:
    here = f"/v1/tasks/{ended}?here_only=true"
    for _ in range(2):
        assert problem(await service.http.delete(here)) == (409, "invalid-state")
        await service.http.delete(f"/v1/tasks/{ended}")
    task = await service.task(ended)
    retried = changes.retry_deletion(task, "OpenAI answered 404.", 600_000)
    task = await tasks.changed(service.store, retried)
    for _ in range(2):
        reply = await service.http.delete(here)
        assert (reply.status_code, reply.json()["deletion"]["attempts"]) == (202, 1)
    after = await service.task(ended)
    assert (after.deletion_here_only, after.generation) == (1, task.generation + 1)
    assert await service.redis.exists(f"arq:job:delete:{ended}:{after.generation}:1")


async def test_a_second_request_changes_nothing(ended: str, service: Service) -> None:
    first = await service.http.delete(f"/v1/tasks/{ended}")
    before = await service.task(ended)
    again = await service.http.delete(f"/v1/tasks/{ended}")
    assert (again.status_code, again.json()) == (202, first.json())
    assert await service.task(ended) == before


async def test_what_is_in_the_way_is_shown(ended: str, service: Service) -> None:
    await service.http.delete(f"/v1/tasks/{ended}")
    task = await service.task(ended)
    await service.store.apply(changes.retry_deletion(task, "OpenAI does not answer.", 2_000))
    deletion = (await service.http.get(f"/v1/tasks/{ended}")).json()["deletion"]
    assert (deletion["attempts"], deletion["problem"]) == (1, "OpenAI does not answer.")


async def test_a_deleted_task_has_a_receipt(ended: str, delete: Any, service: Service) -> None:
    await delete(ended)
    reply = await service.http.delete(f"/v1/tasks/{ended}")
    receipt = reply.json()
    assert (reply.status_code, reply.headers["content-type"]) == (200, "application/json")
    assert set(receipt) == {"id", "deleted_at", "requested_at", "provider", "here"}
    assert receipt["id"] == ended
    assert receipt["provider"] == {
        "response_id": "resp_1",
        "outcome": "deleted",
        "message": "It was deleted at the simulator, which says that it has it no more.",
    }
    assert receipt["requested_at"] <= receipt["deleted_at"]
    until = datetime.fromisoformat(receipt["here"].rpartition(" ")[2])
    assert until - datetime.fromisoformat(receipt["deleted_at"]) == timedelta(days=30)
    assert (await service.http.delete(f"/v1/tasks/{ended}")).json() == receipt


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("GET", "/answer", None),
        ("GET", "/response", None),
        ("POST", "/cancel", None),
        ("POST", "/abandon", None),
        ("POST", "/retry", None),
        ("POST", "/adopt", {"response_id": "resp_7"}),
    ],
)
async def test_every_call_on_it_is_gone_with_the_receipt(
    ended: str, delete: Any, method: str, path: str, body: Any, service: Service
) -> None:
    await delete(ended)
    receipt = (await service.http.delete(f"/v1/tasks/{ended}")).json()
    reply = await service.http.request(method, f"/v1/tasks/{ended}{path}", json=body)
    assert problem(reply) == (410, "task-deleted")
    assert reply.json()["receipt"] == receipt
    assert ended in reply.json()["detail"]


async def test_it_is_in_no_list(client: httpx.AsyncClient, ended: str, delete: Any) -> None:
    await delete(ended)
    for query in ("", "?status=completed"):
        assert (await client.get(f"/v1/tasks{query}")).json()["data"] == []


async def test_its_key_makes_no_second_task(delete: Any, service: Service) -> None:
    def send(text: str) -> Awaitable[httpx.Response]:
        return service.http.post(
            "/v1/tasks", json={"input": text}, headers={"Idempotency-Key": "k"}
        )

    task_id = (await send("Why?")).json()["id"]
    await service.completed(task_id)
    await delete(task_id)
    again = await send("Why?")
    assert problem(again) == (410, "task-deleted")
    assert again.json()["receipt"]["id"] == task_id
    other = await send("And how?")
    assert problem(other) == (422, "invalid-request")
    assert (await service.http.get("/v1/tasks")).json()["data"] == []


async def test_it_can_be_no_parent_any_more(ended: str, delete: Any, service: Service) -> None:
    await delete(ended)
    reply = await service.http.post("/v1/tasks", json={"input": "And how?", "parent_id": ended})
    assert problem(reply) == (422, "invalid-request")
    assert reply.json()["errors"] == [{"field": "parent_id", "message": "This task was deleted."}]


async def test_a_retry_outlives_what_it_repeats(ended: str, delete: Any, service: Service) -> None:
    successor = (await service.http.post(f"/v1/tasks/{ended}/retry")).json()
    await delete(ended)
    found = (await service.http.get(f"/v1/tasks/{successor['id']}")).json()
    assert (found["retry_of"], found["input"]) == (ended, successor["input"])


async def test_of_anothers_task_not_even_the_deletion_is_told(service: Any) -> None:
    store = service.store
    task = await tasks.accepted(store, owner="ann", provider="simulator")
    task = await tasks.changed(store, changes.cancel(task, 0))
    task = await tasks.changed(store, changes.request_deletion(task))
    await store.delete(TaskDeletion(task, DeletionOutcome.NEVER_SENT))
    place: Any = SimpleNamespace(store=store)
    for stranger in (Principal("bob", admin=False), Principal(None, admin=False)):
        with pytest.raises(TaskNotFound) as refused:
            await load_task(task.id, place, stranger)
        assert not isinstance(refused.value, TaskDeleted)
    for entitled in (Principal("ann", admin=False), Principal("bob", admin=True)):
        with pytest.raises(TaskDeleted):
            await load_task(task.id, place, entitled)


async def test_a_fast_deletion_is_answered_with_its_receipt(ended: str, service: Any) -> None:
    class FastPoller(Store):
        async def apply(
            self, change: Change, *, token: str | None = None, durable: bool = False
        ) -> Task | None:
            task = await super().apply(change, token=token, durable=durable)
            assert task
            assert await self.delete(TaskDeletion(task, DeletionOutcome.ALREADY_GONE))
            return task

    service.store = FastPoller(service.redis, "simulator", confirm=False)
    async with service.client() as client:
        reply = await client.delete(f"/v1/tasks/{ended}")
    assert (reply.status_code, reply.json()["provider"]["outcome"]) == (200, "already_gone")
