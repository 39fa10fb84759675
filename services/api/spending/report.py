"""The spending report: cost and waste of each day, and what is left of today's budget."""

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Self

from pydantic import BaseModel, Field

from shared.domain.spending import INSTALLATION, TaskOutcome
from shared.presentation.serializers import format_timestamp
from shared.store import Allowance, Entry, Today

EPOCH = date(1970, 1, 1)

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Totals(BaseModel):
    """Tasks that ended, and what they cost, as far as it is known."""

    cost_usd: float = Field(description="What became known of it then; a late cost counts late.")
    wasted_usd: float = Field(description="The part of it that bought no whole answer.")
    tasks: int
    unpriced: int = Field(
        description="Ended without anybody knowing what they cost, though they may have been sent."
    )
    estimated_usd: float = Field(
        description="What the budgets count for these: the amounts that were reserved for them. It"
        " is no part of `cost_usd`, and goes when their cost becomes known."
    )

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Self:
        """The sums."""
        found = list(entries)
        return cls(
            cost_usd=dollars(sum(entry.cost for entry in found)),
            wasted_usd=dollars(sum(entry.cost for entry in found if entry.outcome.wasted)),
            tasks=sum(entry.tasks for entry in found),
            unpriced=sum(entry.unpriced for entry in found),
            estimated_usd=dollars(sum(entry.estimated for entry in found)),
        )


class OutcomeOut(Totals):
    """One owner's tasks that ended in one way; every outcome but `completed` is wasted."""

    owner: str | None = Field(description="null: from before there were tokens, or without any.")
    outcome: TaskOutcome


class DayOut(Totals):
    """One day in UTC."""

    date: str = Field(examples=["2026-11-23"])
    outcomes: list[OutcomeOut]


class AllowanceOut(BaseModel):
    """How a budget stands today. Nothing is sent that it has no room for; it waits instead."""

    owner: str | None
    budget_usd: float | None = Field(description="null: no limit.")
    spent_usd: float = Field(description="What was spent today, estimates included.")
    reserved_usd: float = Field(
        description="What tasks under way are expected to cost, until their cost is known."
    )
    left_usd: float | None


class TodayOut(BaseModel):
    """What may be spent today (UTC) and what has been."""

    installation: AllowanceOut | None = Field(description="Only an admin is told.")
    owners: list[AllowanceOut]
    resets_at: str


class SpendingOut(BaseModel):
    """Days without a task are left out; the newest comes first."""

    provider: str
    since: str = Field(description="The first day that is covered.", examples=["2026-10-25"])
    until: str = Field(description="The last one: today.", examples=["2026-11-23"])
    total: Totals
    today: TodayOut
    days: list[DayOut]


def spending_report(
    provider: str, days: int, entries: Sequence[Entry], today: Today, owner: str | None
) -> SpendingOut:
    """What one owner may know of it, or everything (None)."""
    seen = [entry for entry in entries if owner in (None, entry.owner)]
    last = _date(today.day)
    return SpendingOut(
        provider=provider,
        since=str(last - timedelta(days - 1)),
        until=str(last),
        total=Totals.of(seen),
        today=_today(today, owner),
        days=[_day(day, list(group)) for day, group in groupby(seen, lambda entry: entry.day)],
    )


def parse_date(text: str) -> date | None:
    """A date as YYYY-MM-DD; None if it is not one. fromisoformat accepts other forms, too."""
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def dollars(micro: int) -> float:
    """From micro-dollars."""
    return micro / 1_000_000


def _day(day: int, entries: Sequence[Entry]) -> DayOut:
    return DayOut(
        **dict(Totals.of(entries)),
        date=str(_date(day)),
        outcomes=[
            OutcomeOut(**dict(Totals.of([entry])), owner=entry.owner, outcome=entry.outcome)
            for entry in entries
        ],
    )


def _today(today: Today, owner: str | None) -> TodayOut:
    owners = [owner] if owner else [scope for scope in today.allowances if scope != INSTALLATION]
    return TodayOut(
        installation=None if owner else _allowance(None, today.of(INSTALLATION)),
        owners=[_allowance(scope or None, today.of(scope)) for scope in owners],
        resets_at=format_timestamp(today.now + today.ends_in) or "",
    )


def _allowance(owner: str | None, found: Allowance) -> AllowanceOut:
    return AllowanceOut(
        owner=owner,
        budget_usd=None if found.budget is None else dollars(found.budget),
        spent_usd=dollars(found.spent),
        reserved_usd=dollars(found.reserved),
        left_usd=None if found.left is None else dollars(found.left),
    )


def _date(day: int) -> date:
    return EPOCH + timedelta(day)
