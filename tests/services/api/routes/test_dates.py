"""``created_after`` and ``created_before`` narrow the list to a stretch of time."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import httpx
import pytest

from tests.services.api.conftest import Service

HOUR = 3_600_000
TIMES = [f"1970-01-01T0{hour}:{minute}:00Z" for hour in range(5) for minute in ("00", "30")]


@pytest.fixture
async def hourly(service: Service) -> list[str]:
    """Four tasks, accepted at 0, 1, 2 and 3 o'clock, but for one between them that was deleted."""
    ids = [(await service.submit(f"What time is it? {number}"))["id"] for number in range(5)]
    await service.redis.zrem("backburner:tasks", ids[2])
    await service.redis.zrem("backburner:status:queued", ids[2])
    await service.redis.delete(f"backburner:task:{ids.pop(2)}")
    for hour, task_id in enumerate(ids):
        await service.redis.hset(f"backburner:task:{task_id}", "created_at", hour * HOUR)
    await service.indexer.sync()
    return ids


async def listed(client: httpx.AsyncClient, **params: Any) -> list[str]:
    reply = await client.get("/v1/tasks", params=params)
    assert reply.status_code == 200, reply.text
    return [task["id"] for task in reply.json()["data"]]


def between(ids: Sequence[str], after: int, before: int) -> list[str]:
    """Those of the half hours from one to before the other, newest first."""
    return [task_id for hour, task_id in enumerate(ids) if after <= 2 * hour < before][::-1]


@pytest.mark.parametrize("query", [{}, {"q": "time"}, {"status": "queued"}])
async def test_a_range_includes_its_start_and_excludes_its_end(
    query: dict[str, str], hourly: list[str], service: Service
) -> None:
    for after, before in product(range(len(TIMES)), repeat=2):
        params = {"created_after": TIMES[after], "created_before": TIMES[before], **query}
        assert await listed(service.http, **params) == between(hourly, after, before)
    assert await listed(service.http, created_after=TIMES[3], **query) == between(hourly, 3, 99)
    assert await listed(service.http, created_before=TIMES[3], **query) == between(hourly, 0, 3)
    assert await listed(service.http, created_after="1970-01-01", **query) == hourly[::-1]
    assert await listed(service.http, created_after="9999-12-31", **query) == []
    assert await listed(service.http, created_before="0001-01-01", **query) == []


@pytest.mark.parametrize("query", [{}, {"q": "time"}])
async def test_range_is_paged(query: dict[str, str], hourly: list[str], service: Service) -> None:
    params: dict[str, Any] = {"created_after": TIMES[1], "created_before": TIMES[9], "limit": 1}
    found = []
    while True:
        page = (await service.http.get("/v1/tasks", params=params | query)).json()
        found += [task["id"] for task in page["data"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert found == between(hourly, 1, 9)


async def test_a_stretch_is_found_in_few_looks(
    hourly: list[str], service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the number of tasks: what is halved is the range of sequence numbers."""
    await service.redis.set("backburner:sequence", 1_000_000)
    looks = 0
    zrange = service.redis.zrange

    async def counted(*args: Any, **options: Any) -> Any:
        nonlocal looks
        looks += 1
        return await zrange(*args, **options)

    monkeypatch.setattr(service.redis, "zrange", counted)
    first = await service.store.seq_at(HOUR)
    page = await service.store.page(status=None, cursor=first, limit=9)
    assert [task.id for task in page.tasks] == hourly[:1]
    assert looks <= 22


@pytest.mark.parametrize("field", ["created_after", "created_before"])
async def test_a_moment_that_cannot_be_read_says_why(field: str, client: httpx.AsyncClient) -> None:
    reply = await client.get("/v1/tasks", params={field: "2026-11-23T09:00:00"})
    assert reply.status_code == 422
    (error,) = reply.json()["errors"]
    assert error["field"] == field
    assert "2026-11-23T09:00:00Z" in error["message"]
