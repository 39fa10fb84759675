"""An operator's figures are the store's own, and name no task."""

from typing import Any

import httpx
from prometheus_client.parser import text_string_to_metric_families as families

from shared import changes
from shared.states import Pause, Status


async def figures(client: httpx.AsyncClient) -> dict[tuple[str, str], float]:
    """By name and the value of the one label."""
    reply = await client.get("/metrics")
    assert (reply.status_code, reply.headers["content-type"][:10]) == (200, "text/plain")
    return {
        (sample.name.removeprefix("backburner_"), "".join(sample.labels.values())): sample.value
        for family in families(reply.text)
        for sample in family.samples
    }


async def test_without_a_task_every_figure_is_there_and_nought(client: httpx.AsyncClient) -> None:
    found = await figures(client)
    assert set(found) == {
        *(("tasks", status.value) for status in Status),
        *(("submission_paused", reason.value) for reason in Pause),
        *((name, "") for name in ("pollers", "overdue_seconds", "spent_today_dollars")),
    }
    assert set(found.values()) == {0}


async def test_it_counts_tasks_pollers_and_todays_cost(
    client: httpx.AsyncClient, submit: Any, service: Any
) -> None:
    tasks = [await submit() for _ in range(3)]
    await service.completed(tasks[0]["id"], b"{}", cost=1_500_000)
    await service.fleet.beat("host:1", 10_000)
    found = await figures(client)
    assert (found["tasks", "queued"], found["tasks", "completed"]) == (2, 1)
    assert (found["pollers", ""], found["spent_today_dollars", ""]) == (1, 1.5)


async def test_what_waits_too_long_and_why_is_seen(
    client: httpx.AsyncClient, submit: Any, service: Any
) -> None:
    task = (await service.store.load((await submit())["id"])).task
    late = -changes.QUEUED_LATE - 90_000
    assert await service.store.apply(changes.requeue(task, late, Pause.QUOTA))
    await service.gate.close(Pause.QUOTA, "No quota left.", 60_000)
    found = await figures(client)
    assert 90 <= found["overdue_seconds", ""] < 100
    assert (found["submission_paused", "quota"], found["submission_paused", "bad_key"]) == (1, 0)


async def test_a_store_that_is_away_is_said_to_be(client: httpx.AsyncClient, service: Any) -> None:
    service.server.connected = False
    assert (await client.get("/metrics")).status_code == 503
