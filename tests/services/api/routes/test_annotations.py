"""An owner's marks on a task are kept, told to every reader, and change nothing in its course."""

from typing import Any

import pytest

from shared.domain import changes
from shared.domain.changes import TaskResult
from shared.domain.states import Status
from shared.store import keys
from tests.services.api.conftest import Service

PROVIDER = "simulator"


async def ended(service: Service, status: Status = Status.COMPLETED) -> str:
    task_id: str = (await service.submit("Why?"))["id"]
    await service.submitted(task_id)
    ending = TaskResult(status, response=b"{}", cost=1)
    task = await service.task(task_id)
    assert await service.store.apply(changes.finish(task, ending, polled=True))
    return task_id


async def patch(service: Service, task_id: str, **marks: object) -> dict[str, Any]:
    reply = await service.http.patch(f"/v1/tasks/{task_id}", json=marks)
    assert reply.status_code == 200, reply.text
    body: dict[str, Any] = reply.json()
    return body


async def test_marks_are_set_and_taken_back_and_each_change_counts_up_the_version(
    service: Service,
) -> None:
    task = await service.submit("Why?")
    assert (task["pinned"], task["archived"], task["unread"]) == (False, False, False)
    after = await patch(service, task["id"], title=" Because ", pinned=True, archived=True)
    assert (after["title"], after["pinned"], after["archived"]) == ("Because", True, True)
    assert after["version"] == task["version"] + 1
    again = await patch(service, task["id"], title="Because", pinned=True)
    assert again["version"] == after["version"]
    back = await patch(service, task["id"], pinned=False, archived=False)
    assert (back["title"], back["pinned"], back["archived"]) == ("Because", False, False)
    assert (await service.http.get(f"/v1/tasks/{task['id']}")).json() == back


async def test_marks_leave_the_record_as_the_poller_expects_it(service: Service) -> None:
    """A task that is noted on while it is worked on is finished as if it was not."""
    task_id = (await service.submit("Why?"))["id"]
    await service.submitted(task_id)
    task = await service.task(task_id)
    due = await service.redis.zscore(keys.sweep_queue(PROVIDER), task_id)
    await patch(service, task_id, title="Noted", pinned=True)
    assert await service.redis.zscore(keys.sweep_queue(PROVIDER), task_id) == due
    ending = TaskResult(Status.COMPLETED, response=b"{}", cost=1)
    after = await service.store.apply(changes.finish(task, ending, polled=True))
    assert after
    assert (after.status, after.title, after.pinned_at is not None) == ("completed", "Noted", True)


@pytest.mark.parametrize(
    ("status", "unread"),
    [
        (Status.COMPLETED, True),
        (Status.INCOMPLETE, True),
        (Status.FAILED, True),
        (Status.CANCELLED, False),
    ],
)
async def test_what_ended_is_unread_until_it_is_read(
    service: Service, status: Status, *, unread: bool
) -> None:
    task_id = await ended(service, status)
    assert (await service.http.get(f"/v1/tasks/{task_id}")).json()["unread"] is unread
    assert (await patch(service, task_id, read=True))["unread"] is False
    assert (await patch(service, task_id, read=False))["unread"] is unread


async def test_tasks_from_before_there_were_marks_count_as_read(service: Service) -> None:
    task_id = await ended(service)
    await service.redis.hdel(keys.record(task_id), "read_at")
    assert (await service.http.get(f"/v1/tasks/{task_id}")).json()["unread"] is False


async def test_pinned_tasks_are_listed_however_old_until_they_are_deleted(
    service: Service,
) -> None:
    old, _, newer = [await service.submit(f"Number {number}") for number in range(3)]
    for task in (newer, old):
        await patch(service, task["id"], pinned=True)
    listed = (await service.http.get("/v1/tasks?pinned=true&limit=1")).json()
    assert [task["id"] for task in listed["data"]] == [newer["id"]]
    cursor = listed["next_cursor"]
    listed = (await service.http.get(f"/v1/tasks?pinned=true&limit=1&cursor={cursor}")).json()
    assert [task["id"] for task in listed["data"]] == [old["id"]]
    await patch(service, old["id"], pinned=False)
    assert await service.redis.zrange(keys.pins(), 0, -1) == [newer["id"].encode()]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"pinned": 1}, "pinned"),
        ({"model": "gpt-4"}, "model"),
    ],
)
async def test_anything_else_is_refused_by_its_name(
    service: Service, body: dict[str, object], field: str
) -> None:
    task = await service.submit("Why?")
    reply = await service.http.patch(f"/v1/tasks/{task['id']}", json=body)
    assert reply.status_code == 422
    assert [error["field"] for error in reply.json()["errors"]] == [field]
