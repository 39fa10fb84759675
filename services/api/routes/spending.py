"""Reports costs by day, owner and outcome, and the budget left today."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.api.auth.principal import PrincipalDep
from services.api.dependencies import ContextDep
from services.api.problems.errors import InvalidRequest
from services.api.problems.openapi import problem_responses
from services.api.spending.report import EPOCH, SpendingOut, parse_date, spending_report

MAX_DAYS = 366

router = APIRouter(prefix="/v1/spending", tags=["money and time"])


@router.get("", responses=problem_responses("invalid-request"))
async def read_spending(
    context: ContextDep,
    principal: PrincipalDep,
    days: Annotated[int, Query(ge=1, le=MAX_DAYS, description="Up to today, in UTC.")] = 30,
    since: Annotated[
        str | None,
        Query(
            description="The first day, in UTC, instead of `days`.",
            json_schema_extra={"format": "date"},
            examples=["2026-11-01"],
        ),
    ] = None,
) -> SpendingOut:
    """Show what tasks cost. Owners see their own costs, admins those of every owner.

    The cost of a task is known when it has ended; `today` includes what open tasks are expected to
    cost.
    """
    today = await context.store.ledger.today()
    if since is not None:
        days = _days_since(since, today.day)
    entries = await context.store.ledger.entries(today.day, days)
    return spending_report(context.settings.provider, days, entries, today, principal.visible_owner)


def _days_since(text: str, today: int) -> int:
    """How many days that is, both included. Raises InvalidRequest."""
    first = parse_date(text)
    days = 0 if first is None else today - (first - EPOCH).days + 1
    if not 1 <= days <= MAX_DAYS:
        hint = f"Send a date such as 2026-11-01, at most {MAX_DAYS} days ago and not after today."
        raise InvalidRequest([("since", hint)])
    return days
