"""What programs rely on, over real HTTP with everything running."""

import asyncio

import httpx
import pytest

from tests.harness import Installation

pytestmark = pytest.mark.integration


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


def test_a_thread_that_cannot_be_completed_breaks_off(installation: Installation) -> None:
    """Nobody takes half of a thread for all of it."""
    store = installation.valkey()
    installation.api()
    first = installation.submit("Why? " + "x" * 3_000_000)
    for _ in range(4):
        installation.submit("And how? " + "y" * 3_000_000, parent_id=first["id"])
    url = f"{installation.api_url}/v1/tasks/{first['id']}/thread/export"
    with httpx.stream("GET", url, timeout=30) as reply:
        pieces = reply.iter_raw()
        next(pieces)
        store.kill()
        with pytest.raises(httpx.RemoteProtocolError):
            list(pieces)
