"""Describes a benchmark: what it measures, its targets, and how often it runs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

Values = dict[str, float]
"""The measured values of one round by the names of their figures."""


@dataclass(frozen=True, slots=True)
class Run:
    """How to measure; a quick run is short and only shows that the benchmark works."""

    quick: bool


class Unavailable(Exception):
    """A benchmark cannot run on this machine; the message says why."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A value that users notice, and its target: a maximum unless ``at_least``."""

    name: str
    title: str
    unit: str
    target: float
    at_least: bool = False

    def is_met(self, value: float) -> bool:
        """Whether the value reaches the target."""
        return value >= self.target if self.at_least else value <= self.target


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A benchmark; ``measure`` runs one round."""

    name: str
    figures: tuple[Figure, ...]
    measure: Callable[[Run], Values]
    rounds: int = 1


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least ``share`` of all do not exceed.

    Raises ValueError if there are no values.
    """
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
