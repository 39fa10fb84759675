"""What a task may be expected to take and to cost, by those that ended before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from shared.openai.request import EXPECTED_COST

MIN_SAMPLES = 5
"""Tasks below which their figures say nothing about the next one."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A task that the provider ended: how many milliseconds it ran, and micro-dollars.

    ``sent_at`` is the store's time in ms, 0 where it is not known.
    """

    duration: int
    cost: int | None
    sent_at: int


@dataclass(frozen=True, slots=True)
class Percentiles:
    """Half of the tasks stay below ``p50``, nine of ten below ``p90``."""

    p50: int
    p90: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """Milliseconds and micro-dollars; None where fewer than FEW of the ``tasks`` tell."""

    tasks: int
    duration: Percentiles | None
    cost: Percentiles | None


def estimate(samples: Sequence[Sample]) -> Estimate:
    """What the samples say of the next task."""
    return Estimate(
        tasks=len(samples),
        duration=percentiles([sample.duration for sample in samples]),
        cost=percentiles([sample.cost for sample in samples if sample.cost is not None]),
    )


def percentiles(values: Sequence[int]) -> Percentiles | None:
    """The median and the ninetieth percentile, both among the values (nearest rank)."""
    if len(values) < MIN_SAMPLES:
        return None
    ranked = sorted(values)
    p50, p90 = (ranked[ceil(len(ranked) * percent / 100) - 1] for percent in (50, 90))
    return Percentiles(p50, p90)


def expected_cost(samples: Sequence[Sample]) -> int:
    """Micro-dollars that are kept free for one more task before it is sent."""
    cost = estimate(samples).cost
    return EXPECTED_COST if cost is None else cost.p90
