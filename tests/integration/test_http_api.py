"""What programs rely on, over real HTTP with everything running."""

import asyncio
import json

import httpx
import pytest

from tests.harness import Installation

pytestmark = pytest.mark.integration

AT_ONCE = 100


async def test_a_hundred_requests_with_one_key_at_once_are_one_task(running: Installation) -> None:
    call = {"json": {"input": "Why is there one?"}, "headers": {"Idempotency-Key": "one of 100"}}
    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(base_url=running.api_url, limits=limits, timeout=60) as client:
        gate = asyncio.Barrier(AT_ONCE)

        async def submit() -> httpx.Response:
            await gate.wait()
            return await client.post("/v1/tasks", **call)

        replies = await asyncio.gather(*(submit() for _ in range(AT_ONCE)))
        other = await client.post("/v1/tasks", json={"input": "?"}, headers=call["headers"])
    assert {reply.status_code for reply in replies} == {202}
    (task_id,) = {reply.json()["id"] for reply in replies}
    assert {reply.headers["location"] for reply in replies} == {f"/v1/tasks/{task_id}"}
    replayed = [reply for reply in replies if reply.headers.get("idempotent-replayed") == "true"]
    assert len(replayed) == AT_ONCE - 1
    running.ended(task_id)
    assert len(running.posts(task_id)) == 1
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "Idempotency-Key")


async def test_pages_neither_skip_nor_repeat_while_tasks_are_added(running: Installation) -> None:
    before = [running.submit(f"Before {number}")["id"] for number in range(23)]
    known: list[str] = []
    async with httpx.AsyncClient(base_url=running.api_url) as client:
        turning = asyncio.Event()

        async def add() -> None:
            await turning.wait()
            for number in range(20):
                await client.post("/v1/tasks", json={"input": f"Meanwhile {number}"})

        adding = asyncio.create_task(add())
        cursor: dict[str, str] = {}
        while True:
            page = (await client.get("/v1/tasks", params={"limit": "3", **cursor})).json()
            known += [task["id"] for task in page["data"]]
            turning.set()
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        await adding
    assert len(known) == len(set(known))
    assert [task_id for task_id in known if task_id in before] == before[::-1]


def test_an_export_on_disk_is_a_request_body(running: Installation) -> None:
    task = running.ended(running.submit("Explain the tides.", title="The tides")["id"])
    url = f"{running.api_url}/v1/tasks"
    for accept in ("application/json", "text/markdown"):
        exported = httpx.get(f"{url}/{task['id']}/export", headers={"Accept": accept})
        again = httpx.post(
            url,
            content=exported.content,
            headers={"Content-Type": exported.headers["content-type"]},
        )
        assert again.status_code == 202, again.text
        assert (again.json()["title"], again.json()["input"]) == ("The tides", task["input"])
    assert json.loads(httpx.get(f"{url}/{task['id']}/export").content)["export"]["output_text"]


def test_a_thread_that_cannot_be_completed_breaks_off(installation: Installation) -> None:
    """Nobody takes half of a thread for all of it."""
    store = installation.valkey()
    installation.api()
    first = installation.submit("Why? " + "x" * 3_000_000)
    for _ in range(10):
        installation.submit("And how? " + "y" * 3_000_000, parent_id=first["id"])
    url = f"{installation.api_url}/v1/tasks/{first['id']}/thread/export"
    with httpx.stream("GET", url, timeout=30) as reply:
        pieces = reply.iter_raw()
        next(pieces)
        store.kill()
        with pytest.raises(httpx.RemoteProtocolError):
            list(pieces)
