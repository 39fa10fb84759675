"""Sums a spending report by day, owner or outcome, and says what its figures mean. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from backburner.formatting import single_line
from backburner.models import Spending, SpendingRow


@dataclass(frozen=True)
class Group:
    """The sums of the rows that have one day, owner or outcome in common."""

    key: str | None
    tasks: int
    cost_usd: float
    wasted_usd: float
    unpriced: int
    estimated_usd: float

    @property
    def label(self) -> str:
        """What the line of a table is about."""
        return "no owner" if self.key is None else single_line(self.key)

    def as_json(self, by: str) -> dict[str, Any]:
        """The same as an object; costs are rounded to micro-dollars."""
        costs = ("cost_usd", "wasted_usd")
        return {
            {"day": "date"}.get(by, by): self.key,
            "tasks": self.tasks,
            **{name: round(getattr(self, name), 6) for name in costs},
            "unpriced": self.unpriced,
            "estimated_usd": round(self.estimated_usd, 6),
        }


def group_spending(
    rows: Sequence[SpendingRow], by: Literal["day", "owner", "outcome"]
) -> list[Group]:
    """Days newest first; owners and outcomes with the highest cost first."""
    field = "date" if by == "day" else by
    keys = dict.fromkeys(getattr(row, field) for row in rows)
    groups = [_sum(key, [row for row in rows if getattr(row, field) == key]) for key in keys]
    return groups if by == "day" else sorted(groups, key=lambda group: -group.cost_usd)


def spending_notes(found: Spending) -> Iterator[str]:
    """What a reader must know to understand the figures."""
    total = _sum(None, found.rows)
    yield (
        f"{found.since} to {found.until} (days in UTC): {total.tasks} tasks ended, cost"
        f" ${total.cost_usd:,.2f}, of which ${total.wasted_usd:,.2f} bought no complete answer."
    )
    if total.unpriced:
        yield (
            f"{total.unpriced} of them have no known price. The budgets count an estimate of"
            f" ${total.estimated_usd:,.2f} for these; it is no part of the cost."
        )
    if found.reserved_usd:
        yield (
            f"${found.reserved_usd:,.2f} is reserved for tasks under way. That is an expectation,"
            " not a price."
        )
    if found.provider == "simulator":
        yield "Answers of the simulator cost nothing: these are OpenAI's prices for them."


def _sum(key: str | None, rows: Sequence[SpendingRow]) -> Group:
    return Group(
        key,
        sum(row.tasks for row in rows),
        sum(row.cost_usd for row in rows),
        sum(row.wasted_usd for row in rows),
        sum(row.unpriced for row in rows),
        sum(row.estimated_usd for row in rows),
    )
