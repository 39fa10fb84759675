"""What a task may take and cost before it is sent, and how one that is waited for goes."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.api.auth.principal import PrincipalDep
from services.api.dependencies import ContextDep, TaskDep
from services.api.estimates.estimate import EstimateOut, estimate_out
from services.api.estimates.progress import Baseline, ProgressOut, assess_progress
from services.api.http.limits import MAX_BODY_BYTES
from services.api.problems.openapi import TASK_PROBLEMS, problem_responses
from shared.domain.estimate import estimate, input_cost, usual_output_cost

router = APIRouter(prefix="/v1", tags=["money and time"])

SAMPLE_LIMIT = 200
"""Tasks in progress with which one is compared."""


@router.get("/estimate", responses=problem_responses("invalid-request"))
async def read_estimate(
    context: ContextDep,
    principal: PrincipalDep,
    input_bytes: Annotated[
        int | None,
        Query(ge=0, le=MAX_BODY_BYTES, description="Size of the input as UTF-8, if it is known."),
    ] = None,
) -> EstimateOut:
    """Estimate how long a task takes and what it costs, by the whole installation's history."""
    ledger, owner = context.store.ledger, principal.owner
    samples = await ledger.samples()
    own = () if owner is None else await ledger.samples(owner)
    known = None if input_bytes is None else input_cost(input_bytes)
    return estimate_out(
        estimate(samples, known),
        input_cost=known,
        reserved=(known or 0) + usual_output_cost(owner, samples, own),
        simulated=context.settings.provider == "simulator",
    )


@router.get("/tasks/{task_id}/progress", responses=problem_responses(*TASK_PROBLEMS))
async def read_progress(task: TaskDep, context: ContextDep) -> ProgressOut:
    """Judge whether a task goes as usual; if not, whether it is the task or OpenAI as a whole."""
    store = context.store
    baseline = Baseline(
        samples=await store.ledger.samples(),
        running=await store.sent_times(SAMPLE_LIMIT),
        today=await store.ledger.today(),
        expected_cost=await store.ledger.expected_cost(task),
    )
    return assess_progress(task, baseline)
