"""Estimates how long the next task takes and what it costs."""

from typing import Self

from pydantic import BaseModel, Field

from services.api.http.durations import format_duration
from services.api.spending.report import dollars
from shared.domain.estimate import Estimate, Percentiles
from shared.openai.model import ACTIVE


class PercentilesOut(BaseModel):
    """Half of the tasks stay below `p50`, nine of ten below `p90`."""

    p50: float
    p90: float

    @classmethod
    def of(cls, usual: Percentiles | None, unit: int) -> Self | None:
        """In another unit, or None where too few tasks tell."""
        return None if usual is None else cls(p50=usual.p50 / unit, p90=usual.p90 / unit)


class EstimateOut(BaseModel):
    """Based on the latest completed tasks of this installation; null if there are too few."""

    duration_s: PercentilesOut | None = Field(description="From submission to the answer.")
    cost_usd: PercentilesOut | None
    input_cost_usd: float | None = Field(
        description="What the input costs by itself; null unless its size was given."
    )
    reserved_usd: float = Field(
        description="What the budgets keep free for one such task, also without a history."
    )
    model: str = Field(description="The model that will answer.")
    tasks: int = Field(description="The number of tasks it is based on.")
    message: str = Field(description="The same as a sentence.")


def estimate_out(
    found: Estimate, *, input_cost: int | None, reserved: int, simulated: bool
) -> EstimateOut:
    """An estimate in JSON. Costs are in micro-dollars."""
    return EstimateOut(
        duration_s=PercentilesOut.of(found.duration, 1_000),
        cost_usd=PercentilesOut.of(found.cost, 1_000_000),
        input_cost_usd=None if input_cost is None else input_cost / 1_000_000,
        reserved_usd=reserved / 1_000_000,
        model=ACTIVE.name,
        tasks=found.tasks,
        message=_message(found) + " The simulator makes it up; nothing is paid." * simulated,
    )


NO_ESTIMATE = "No estimate yet: that needs five finished tasks."
"""Fewer than MIN_SAMPLES tell nothing."""


def _message(found: Estimate) -> str:
    if found.duration is None:
        return NO_ESTIMATE
    usual, most = [format_duration(value) for value in (found.duration.p50, found.duration.p90)]
    if found.cost:
        usual += f" and ${dollars(found.cost.p50):.2f}"
        most += f" or ${dollars(found.cost.p90):.2f}"
    return f"Usually {usual}; rarely over {most}."
