"""Makes medians and spreads of rounds, and quantiles of single measurements."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.benchmark import Rounds


@dataclass(frozen=True, slots=True)
class Spread:
    """A median, and the lowest and highest of what it was taken from."""

    median: float
    low: float
    high: float


def spreads(rounds: Rounds) -> dict[str, dict[str, Spread]]:
    """By subject and column, over all rounds that have them, in the order first met."""
    gathered: dict[str, dict[str, list[float]]] = {}
    for figures in rounds:
        for subject, values in figures.items():
            for column, value in values.items():
                gathered.setdefault(subject, {}).setdefault(column, []).append(value)
    return {
        subject: {
            column: Spread(statistics.median(found), min(found), max(found))
            for column, found in columns.items()
        }
        for subject, columns in gathered.items()
    }


def medians(rounds: Rounds) -> dict[str, dict[str, float]]:
    """The same without the spread."""
    return {
        subject: {column: spread.median for column, spread in columns.items()}
        for subject, columns in spreads(rounds).items()
    }


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of all do not exceed; ValueError if none."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
