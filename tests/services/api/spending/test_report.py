"""A statement of spending shows an owner his own figures, and an admin everybody's."""

import pytest

from services.api.spending.report import SpendingOut, spending_report
from shared.domain.spending import INSTALLATION, TaskOutcome
from shared.store import Allowance, Entry, Today
from shared.store.ledger import DAY_MS

TODAY = 20_780
ENTRIES = [
    Entry(TODAY, "anna", TaskOutcome.COMPLETED, 1_000_000, 1, 0),
    Entry(TODAY, "bo", TaskOutcome.CANCELLED, 200_000, 1, 0),
    Entry(TODAY - 1, "bo", TaskOutcome.FAILED, 0, 2, 1, 2_000_000),
]
ALLOWANCES = {
    INSTALLATION: Allowance(5_000_000, 1_200_000, 2_000_000),
    "anna": Allowance(None, 1_000_000, 2_000_000),
    "bo": Allowance(100_000, 200_000, 0),
}


def of(owner: str | None) -> SpendingOut:
    return spending_report("openai", 30, ENTRIES, Today(ALLOWANCES, TODAY * DAY_MS + 1), owner)


@pytest.mark.parametrize(
    ("owner", "owners", "cost", "wasted", "days"),
    [
        (None, {"anna", "bo"}, 1.2, 0.2, 2),
        ("anna", {"anna"}, 1, 0, 1),
        ("bo", {"bo"}, 0.2, 0.2, 2),
        ("carl", {"carl"}, 0, 0, 0),
    ],
)
def test_an_owner_sees_his_own_and_an_admin_everybodys(
    owner: str | None, owners: set[str], cost: float, wasted: float, days: int
) -> None:
    found = of(owner)
    assert (found.total.cost_usd, found.total.wasted_usd, len(found.days)) == (cost, wasted, days)
    assert {each.owner for each in found.today.owners} == owners
    assert {each.owner for day in found.days for each in day.outcomes} <= owners
    assert (found.today.installation is None) == (owner is not None)


def test_estimates_stand_beside_the_costs() -> None:
    total = of("bo").total
    assert (total.cost_usd, total.unpriced, total.estimated_usd) == (0.2, 1, 2)
    assert of("anna").total.estimated_usd == 0


def test_what_is_left_of_a_budget_is_never_less_than_nothing() -> None:
    today = of(None).today
    assert today.installation is not None
    assert today.installation.left_usd == 1.8
    assert {each.owner: each.left_usd for each in today.owners} == {"anna": None, "bo": 0}
