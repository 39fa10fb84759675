"""Reports costs by day, owner and outcome, and the budget left today."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.api.auth.principal import PrincipalDep
from services.api.dependencies import ContextDep
from services.api.problems.openapi import problem_responses
from services.api.spending.report import SpendingOut, spending_report

router = APIRouter(prefix="/v1/spending", tags=["money and time"])


@router.get("", responses=problem_responses("invalid-request"))
async def read_spending(
    context: ContextDep,
    principal: PrincipalDep,
    days: Annotated[int, Query(ge=1, le=366, description="Up to today, in UTC.")] = 30,
) -> SpendingOut:
    """Show what tasks cost. Owners see their own costs, admins those of every owner.

    The cost of a task is known when it has ended; `today` includes what open tasks are expected to
    cost.
    """
    today = await context.store.ledger.today()
    entries = await context.store.ledger.entries(today.day, days)
    return spending_report(context.settings.provider, days, entries, today, principal.visible_owner)
