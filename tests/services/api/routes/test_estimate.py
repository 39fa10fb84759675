"""What a task may take and cost, and how one stands, is told over HTTP from the store's figures."""

from typing import Any

import httpx
import pytest

from shared.domain.estimate import input_cost
from shared.openai.model import ACTIVE
from shared.store import keys
from tests.services.api.conftest import Service

PROVIDER = "simulator"


async def remember(service: Any, *samples: str) -> None:
    await service.redis.rpush(keys.samples(PROVIDER), *samples)


async def estimate(client: httpx.AsyncClient) -> dict[str, Any]:
    reply = await client.get("/v1/estimate")
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


@pytest.mark.parametrize("tasks", [0, 1, 4])
async def test_too_few_tasks_give_no_figures(tasks: int, service: Service) -> None:
    for _ in range(tasks):
        await remember(service, "1000 1 0")
    found = await estimate(service.http)
    assert (found["duration_s"], found["cost_usd"], found["tasks"]) == (None, None, tasks)
    assert found["message"].startswith("No estimate yet: that needs five finished tasks.")


async def test_it_rests_on_the_tasks_that_ended_here(service: Service) -> None:
    await remember(service, *(f"{minutes * 60_000} {minutes * 100_000} 0" for minutes in range(10)))
    found = await estimate(service.http)
    assert found["duration_s"] == {"p50": 240, "p90": 480}
    assert found["cost_usd"] == {"p50": 0.4, "p90": 0.8}
    assert found["tasks"] == 10
    assert found["message"] == (
        "Usually 4 min and $0.40; rarely over 8 min or $0.80. The simulator makes it up; nothing is"
        " paid."
    )


async def test_costs_that_nobody_knows_are_left_out(service: Service) -> None:
    await remember(service, *["60000  0"] * 5)
    found = await estimate(service.http)
    assert (found["duration_s"], found["cost_usd"]) == ({"p50": 60, "p90": 60}, None)
    assert "$" not in found["message"]


async def test_a_tasks_progress_compares_it_with_those_before_it(service: Service) -> None:
    await remember(service, *["60000 1 0"] * 5)
    tasks = [await service.submit() for _ in range(3)]
    for task in tasks:
        await service.submitted(task["id"])
        await service.redis.hincrby(keys.record(task["id"]), "submitted_at", -120_000)
    reply = await service.http.get(f"/v1/tasks/{tasks[0]['id']}/progress")
    assert reply.status_code == 200, reply.text
    found = reply.json()
    assert (found["pace"], found["scope"], found["tasks"]) == ("slow", "provider", 5)
    assert 120 <= found["elapsed_s"] < 130
    assert found["usual"] == {"p50": 60, "p90": 60}
    assert found["next_check_at"] is not None
    assert (found["checked_at"], found["at_risk"]) == (None, None)


async def test_tasks_of_another_provider_are_no_company(service: Service) -> None:
    await remember(service, *["60000 1 0"] * 5)
    tasks = [await service.submit() for _ in range(3)]
    for task in tasks:
        await service.submitted(task["id"])
        await service.redis.hincrby(keys.record(task["id"]), "submitted_at", -120_000)
    await service.redis.hset(keys.record(tasks[1]["id"]), "provider", "openai")
    found = (await service.http.get(f"/v1/tasks/{tasks[0]['id']}/progress")).json()
    assert (found["pace"], found["scope"]) == ("slow", None)


async def test_the_size_of_the_input_is_priced_with_what_answers_usually_cost(
    service: Service,
) -> None:
    fresh = (await service.http.get("/v1/estimate?input_bytes=4000000")).json()
    price = input_cost(4_000_000) / 1_000_000
    assert (fresh["cost_usd"], fresh["input_cost_usd"]) == (None, price)
    assert fresh["model"] == ACTIVE.name
    assert fresh["reserved_usd"] == price + ACTIVE.expected_cost / 1_000_000
    await remember(service, *["60000 2000000 0 500000 "] * 5)
    found = (await service.http.get("/v1/estimate?input_bytes=4000000")).json()
    assert found["cost_usd"] == {"p50": price + 0.5, "p90": price + 0.5}
    assert found["reserved_usd"] == price + 0.5
    assert (await estimate(service.http))["input_cost_usd"] is None
