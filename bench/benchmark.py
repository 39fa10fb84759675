"""What all parts of the benchmark have in common: what one claims, measures and aims at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Medians = Mapping[str, Mapping[str, float]]
"""The values of each subject, by the name of their column."""

Figures = dict[str, dict[str, float]]
"""What one round found, in the same shape."""

Rounds = list[Figures]


@dataclass(frozen=True, slots=True)
class Turn:
    """Which round it is, from 0, and whether a small one will do."""

    number: int
    quick: bool


class LeftOut(Exception):
    """A part cannot be measured on this machine; says why."""


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of the table shows: the values of that name, in ``unit``."""

    name: str
    title: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """A value made of the medians (KeyError where they were not measured) and its limit."""

    what: str
    value: Callable[[Medians], float]
    limit: float
    unit: str = ""
    at_least: bool = False

    def reached(self, value: float) -> bool:
        """Whether a value is within the limit."""
        return value >= self.limit if self.at_least else value <= self.limit


@dataclass(frozen=True, slots=True)
class Part:
    """``measure`` is one round, all subjects of it side by side.

    ``sync`` names the store's fsync policy. ``against`` is the subject that the first column is
    compared with, ``drawn`` the column that the plot shows.
    """

    name: str
    claims: str
    sync: str
    measure: Callable[[Turn], Figures]
    columns: tuple[Column, ...]
    rounds: int = 3
    against: str | None = None
    targets: tuple[Target, ...] = ()
    drawn: str | None = None
    note: str = ""


def ratio(column: str, one: str, other: str) -> Callable[[Medians], float]:
    """How many times as much a column has for the one subject as for the other."""
    return lambda medians: medians[one][column] / medians[other][column]


def value(column: str, subject: str) -> Callable[[Medians], float]:
    """The median itself."""
    return lambda medians: medians[subject][column]
