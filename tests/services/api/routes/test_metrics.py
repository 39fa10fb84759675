"""An operator's figures are the store's own, and name no task."""

from datetime import UTC, datetime, timedelta

import httpx
from prometheus_client.parser import text_string_to_metric_families as families

from services.api.health.issues import IssueKind
from shared.domain import changes
from shared.domain.states import PauseReason, Status
from shared.openai.model import ACTIVE
from shared.queue import queue_name
from tests.services.api.conftest import Service

REQUESTS = "backburner_http_request_duration_seconds"
STORED = [
    *("pollers", "overdue_seconds", "queue_lag_seconds", "queue_due_jobs"),
    *("spent_today_dollars", "reserved_dollars", "budget_waiting_tasks"),
]


async def figures(client: httpx.AsyncClient) -> dict[tuple[str, str], float]:
    """The gauges of ours, by name and the value of the one label."""
    reply = await client.get("/metrics")
    assert (reply.status_code, reply.headers["content-type"][:10]) == (200, "text/plain")
    return {
        (sample.name.removeprefix("backburner_"), "".join(sample.labels.values())): sample.value
        for family in families(reply.text)
        for sample in family.samples
        if sample.name.startswith("backburner_") and not sample.name.startswith(REQUESTS)
    }


async def test_without_a_task_every_figure_is_there_and_nought(client: httpx.AsyncClient) -> None:
    found = await figures(client)
    assert found.keys() == {
        *(("tasks", status.value) for status in Status),
        *(("submission_paused", reason.value) for reason in PauseReason),
        *(("health_issue", kind.value) for kind in IssueKind),
        *((name, "") for name in STORED),
        ("event_clients", ""),
    }
    assert [name for name, value in found.items() if value] == [("health_issue", "no_poller")]


async def test_it_counts_tasks_pollers_and_what_is_spent_reserved_and_waiting(
    service: Service,
) -> None:
    ended, sent, kept = [(await service.submit())["id"] for _ in range(3)]
    await service.completed(ended, cost=1_500_000)
    await service.submitted(sent)
    requeued = changes.requeue(await service.task(kept), 60_000, PauseReason.BUDGET)
    assert await service.store.apply(requeued)
    await service.submit()
    await service.fleet.beat("host:1", 10_000)
    found = await figures(service.http)
    counts = {"queued": 2, "completed": 1, "in_progress": 1}
    assert {status: found["tasks", status] for status in counts} == counts
    assert (found["pollers", ""], found["spent_today_dollars", ""]) == (1, 1.5)
    assert found["reserved_dollars", ""] == ACTIVE.expected_cost / 1e6
    assert found["budget_waiting_tasks", ""] == 1


async def test_the_days_until_the_model_ends_are_counted_down(service: Service) -> None:
    for days in (100, 5, -1):
        await service.fleet.publish_model_shutdown(datetime.now(UTC).date() + timedelta(days))
        found = await figures(service.http)
        assert found["model_shutdown_days", ""] == days
        assert found["health_issue", "model_shutdown"] == (days < 31)


async def test_what_waits_too_long_and_why_is_seen(service: Service) -> None:
    task = (await service.store.load((await service.submit())["id"])).task
    late = -changes.SUBMIT_STALE_MS - 90_000
    assert await service.store.apply(changes.requeue(task, late, PauseReason.QUOTA))
    await service.gate.close(PauseReason.QUOTA, "No quota left.", 60_000)
    found = await figures(service.http)
    assert 90 <= found["overdue_seconds", ""] < 100
    assert (found["submission_paused", "quota"], found["submission_paused", "bad_key"]) == (1, 0)


async def test_a_store_that_is_away_is_a_figure_too(service: Service) -> None:
    service.server.connected = False
    found = await figures(service.http)
    assert [name for name, value in found.items() if value] == [
        ("health_issue", "store_unreachable")
    ]
    assert {name for name, _ in found} == {"health_issue", "event_clients"}


class TwoWait:
    """A broadcaster of which two clients want news."""

    clients = 2


async def test_who_waits_for_news_is_counted(service: Service) -> None:
    assert (await figures(service.http))["event_clients", ""] == 0
    async with service.client(broadcaster=TwoWait()) as busy:
        assert (await figures(busy))["event_clients", ""] == 2


async def test_the_queue_is_measured(service: Service) -> None:
    for _ in range(2):
        await service.submit()
    queue = queue_name("simulator")
    [job, _] = await service.redis.zrange(queue, 0, -1)
    await service.redis.zincrby(queue, -90_000, job)
    found = await figures(service.http)
    assert found["queue_due_jobs", ""] == 2
    assert 90 <= found["queue_lag_seconds", ""] < 100


async def test_the_process_itself_is_measured(client: httpx.AsyncClient) -> None:
    await client.get("/healthz")
    text = (await client.get("/metrics")).text
    assert "\nprocess_resident_memory_bytes " in text
    assert f'\n{REQUESTS}_count{{method="GET",route="/healthz",status="200"}}' in text
