"""What a task may be expected to take and to cost, by those that ended before it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from shared.openai.model import ACTIVE

MIN_SAMPLES = 5
"""Tasks below which their figures say nothing about the next one."""

MIN_OWNERS = 3
"""Owners below which one of them could decide what is usual for the others."""

BYTES_PER_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Sample:
    """A task that the provider ended: how many milliseconds it ran, and micro-dollars.

    ``sent_at`` is the store's time in ms, 0 where it is not known. ``output_cost`` is the cost
    beyond the task's own input: output, reasoning, and what searches cost and brought in.
    """

    duration: int
    cost: int | None
    sent_at: int
    output_cost: int | None = None
    owner: str | None = None


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


def estimate(samples: Sequence[Sample], input_cost: int | None = None) -> Estimate:
    """What the samples say of the next task; of one whose input costs that much, if it is given."""
    if input_cost is None:
        costs = [sample.cost for sample in samples if sample.cost is not None]
    else:
        outputs = (sample.output_cost for sample in samples)
        costs = [input_cost + output for output in outputs if output is not None]
    return Estimate(
        tasks=len(samples),
        duration=percentiles([sample.duration for sample in samples]),
        cost=percentiles(costs),
    )


def percentiles(values: Sequence[int]) -> Percentiles | None:
    """The median and the ninetieth percentile, both among the values (nearest rank)."""
    if len(values) < MIN_SAMPLES:
        return None
    ranked = sorted(values)
    p50, p90 = (ranked[ceil(len(ranked) * percent / 100) - 1] for percent in (50, 90))
    return Percentiles(p50, p90)


def input_cost(size_bytes: int) -> int:
    """Micro-dollars that so many bytes of UTF-8 cost the active model before any answer."""
    tokens, prices = ceil(size_bytes / BYTES_PER_TOKEN), ACTIVE.prices[-1]
    factor, _ = prices.context_factors(tokens)
    return ceil(tokens * prices.input * factor)


def usual_output_cost(
    owner: str | None, samples: Sequence[Sample], own: Sequence[Sample] = ()
) -> int:
    """Micro-dollars that a task of this owner usually costs beyond its own input.

    By the ``own`` latest tasks, or by those of several other owners among the installation's
    ``samples``: no owner decides it for the others, however many tasks it has.
    """
    costs: dict[str | None, list[int]] = defaultdict(list)
    for sample in samples:
        if sample.output_cost is not None:
            costs[sample.owner].append(sample.output_cost)
    if own:
        costs[owner] = [sample.output_cost for sample in own if sample.output_cost is not None]
    found = {name: values.p90 for name, each in costs.items() if (values := percentiles(each))}
    if owner in found:
        return found[owner]
    if len(found) < MIN_OWNERS:
        return ACTIVE.expected_cost
    return sorted(found.values())[len(found) // 2]
