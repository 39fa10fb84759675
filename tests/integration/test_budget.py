"""A day's budget holds however many tasks come at once, and what is left of it is used."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.openai.model import ACTIVE
from tests.harness import Installation, eventually, http

pytestmark = [pytest.mark.integration, pytest.mark.thorough]

BUDGET = 10.5 * ACTIVE.expected_cost / 1e6
"""Room for ten tasks that are expected to cost as much, and for their inputs."""


def burst(installation: Installation, tasks: int, question: str) -> None:
    """Hand the same in so often at once: each costs the same, as the prompt decides that here."""
    with ThreadPoolExecutor(16) as people:
        list(people.map(lambda _: installation.submit(question), range(tasks)))


def get(installation: Installation, path: str) -> Any:
    reply = http.get(f"{installation.api_url}{path}")
    assert reply.status_code == 200, reply.text
    return reply.json()


def starved(installation: Installation) -> int:
    """How many tasks wait for the budget and say so."""
    found: list[Any] = []
    page = {"next_cursor": "999999999"}
    while page["next_cursor"]:
        path = f"/v1/tasks?status=queued&limit=100&cursor={page['next_cursor']}"
        page = get(installation, path)
        found += page["data"]
    return sum(task["paused"] == "budget" for task in found)


def test_of_200_tasks_at_once_exactly_those_are_sent_that_the_budget_has_room_for(
    installation: Installation,
) -> None:
    installation.valkey()
    installation.simulator()
    for _ in range(2):
        installation.poller()
    installation.api(BACKBURNER_DAILY_BUDGET_USD=f"{BUDGET}")
    burst(installation, 200, "Why? [simulate: never ends]")
    eventually(lambda: starved(installation) == 190, "the others wait", patience=60)
    assert len(installation.ledger()) == 10
    today = get(installation, "/v1/spending")["today"]["installation"]
    assert today["reserved_usd"] == pytest.approx(10 * ACTIVE.expected_cost / 1e6, rel=0.001)
    issues = get(installation, "/readyz")["issues"]
    assert [issue["kind"] for issue in issues] == ["budget"]


def test_what_tasks_leave_of_their_reservations_is_used_by_those_that_wait(
    installation: Installation,
) -> None:
    installation.valkey()
    installation.simulator()
    installation.poller()
    installation.api(BACKBURNER_DAILY_BUDGET_USD=f"{BUDGET}")
    burst(installation, 30, "Why?")

    def settled() -> bool:
        today = get(installation, "/v1/spending")["today"]["installation"]
        usual = get(installation, "/v1/estimate")["cost_usd"]  # the input is next to nothing
        return today["reserved_usd"] == 0 and usual and today["left_usd"] < usual["p90"]

    eventually(settled, "no further task has room in the budget")
    spending = get(installation, "/v1/spending")
    # None is dearer than nine of ten before it, which alone may exceed a budget (decision 13).
    assert 0 < spending["total"]["cost_usd"] <= BUDGET
    assert spending["total"]["tasks"] == len(installation.ledger()) > 10
    eventually(lambda: starved(installation) == 30 - len(installation.ledger()), "the rest waits")
