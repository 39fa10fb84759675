"""Every dollar is told to whom it concerns: by day, by owner, by what came of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from shared.domain import changes
from shared.domain.changes import TaskResult
from shared.domain.spending import INSTALLATION
from shared.domain.states import Status
from shared.openai.model import ACTIVE
from shared.store import keys
from shared.store.ledger import DAY_MS
from tests.services.api.conftest import Service
from tests.shared import tasks

PROVIDER = "simulator"


async def ended(service: Any, status: Status, cost: int | None, owner: str | None = None) -> None:
    """A task that the provider ended like this."""
    task = await tasks.submitting(service.store, provider=PROVIDER, owner=owner)
    task = await tasks.changed(service.store, changes.mark_in_progress(task, "resp_1", None, 0, 0))
    ending = TaskResult(status, response=b"{}", cost=cost)
    await tasks.changed(service.store, changes.finish(task, ending, polled=True))


async def spending(client: httpx.AsyncClient, **query: int | str) -> dict[str, Any]:
    reply = await client.get("/v1/spending", params=query)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


async def test_without_a_task_it_is_nought(client: httpx.AsyncClient) -> None:
    found = await spending(client)
    today = datetime.now(UTC).date()
    nothing = {"cost_usd": 0, "wasted_usd": 0, "tasks": 0, "unpriced": 0, "estimated_usd": 0}
    assert (found["provider"], found["total"], found["days"]) == (PROVIDER, nothing, [])
    assert found["until"] == str(today)
    assert found["since"] == str(today - timedelta(29))
    assert found["today"]["installation"] == {
        "owner": None,
        "budget_usd": None,
        "spent_usd": 0,
        "reserved_usd": 0,
        "left_usd": None,
    }


async def test_each_outcome_is_named_and_what_bought_no_answer_is_waste(service: Service) -> None:
    await ended(service, Status.COMPLETED, 1_500_000, "anna")
    await ended(service, Status.INCOMPLETE, 250_000, "anna")
    await ended(service, Status.FAILED, None, "bo")
    [day] = (await spending(service.http))["days"]
    assert (day["cost_usd"], day["wasted_usd"], day["tasks"], day["unpriced"]) == (1.75, 0.25, 3, 1)
    assert [(each["owner"], each["outcome"], each["cost_usd"]) for each in day["outcomes"]] == [
        ("anna", "completed", 1.5),
        ("anna", "incomplete", 0.25),
        ("bo", "failed", 0),
    ]


async def test_days_are_told_apart_and_come_newest_first(service: Service) -> None:
    today = (await service.store.ledger.today()).day
    for ago in (0, 1, 2):
        name = keys.spending(PROVIDER, today - ago)
        await service.redis.hset(name, "cost:completed:", 10**6)
    found = await spending(service.http, days=2)
    dates = [str(datetime.fromtimestamp((today - ago) * 86_400, UTC).date()) for ago in (0, 1)]
    assert [day["date"] for day in found["days"]] == dates
    assert (found["since"], found["total"]["cost_usd"]) == (dates[1], 2)


async def test_since_names_the_first_day(service: Service) -> None:
    today = (await service.store.ledger.today()).day
    first, day_before = (
        str(datetime.fromtimestamp((today - ago) * 86_400, UTC).date()) for ago in (1, 2)
    )
    for ago in (0, 1, 2):
        name = keys.spending(PROVIDER, today - ago)
        await service.redis.hset(name, "cost:completed:", 10**6)
    found = await spending(service.http, since=first)
    assert (found["since"], found["total"]["cost_usd"]) == (first, 2)
    found = await spending(service.http, since=day_before, days=1)
    assert (found["since"], found["total"]["cost_usd"]) == (day_before, 3)


@pytest.mark.parametrize("since", ["2999-01-01", "2020-01-01", "20261101", "2026-W01-1", "0", "d"])
async def test_a_first_day_that_is_none_or_too_far_is_refused(
    client: httpx.AsyncClient, since: str
) -> None:
    reply = await client.get("/v1/spending", params={"since": since})
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["field"] == "since"
    assert "at most 366 days ago" in reply.json()["errors"][0]["message"]


async def test_what_is_left_of_today_leaves_out_what_is_reserved(service: Service) -> None:
    await service.store.ledger.set_budgets({INSTALLATION: 5_000_000, "anna": 500_000})
    await ended(service, Status.COMPLETED, 1_500_000)
    await tasks.submitting(service.store, provider=PROVIDER)
    today = (await spending(service.http))["today"]
    installation, reserved = today["installation"], ACTIVE.expected_cost / 1e6
    assert (installation["spent_usd"], installation["reserved_usd"]) == (1.5, reserved)
    assert (installation["budget_usd"], installation["left_usd"]) == (5, 3.5 - reserved)
    assert {each["owner"]: each["left_usd"] for each in today["owners"]} == {
        None: None,
        "anna": 0.5,
    }
    resets_at = datetime.fromisoformat(today["resets_at"])
    assert resets_at.timestamp() * 1000 % DAY_MS == 0
    assert timedelta() < resets_at - datetime.now(UTC) <= timedelta(days=1)


@pytest.mark.parametrize("days", ["0", "367", "x"])
async def test_a_period_is_bounded(client: httpx.AsyncClient, days: str) -> None:
    reply = await client.get("/v1/spending", params={"days": days})
    assert reply.status_code == 422
    assert "days" in reply.json()["detail"]
