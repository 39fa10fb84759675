"""What larger numbers of tasks in flight need, by straight lines through what was measured."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

USABLE = 0.7
"""The share of a core that a poller or a store is given; each computes on one only."""

INTERVAL = 61.0
BODY = 1_200
"""Bytes of an unfinished response with its headers."""


@dataclass(frozen=True, slots=True)
class Line:
    """``base + slope * x``."""

    base: float
    slope: float

    def at(self, x: float) -> float:
        """Its value there."""
        return self.base + self.slope * x


@dataclass(frozen=True, slots=True)
class Model:
    """Cores by polls a second; commands by polls a second; bytes and MiB by tasks."""

    poller: Line
    store: Line
    commands: Line
    store_bytes: Line
    poller_mib: Line


@dataclass(frozen=True, slots=True)
class Need:
    """What so many tasks in flight need."""

    tasks: int
    polls: float
    pollers: int
    poller_mib: float
    """Of each."""
    store_cores: float
    stores: int
    commands: float
    store_gb: float
    provider_mb: float
    """A second, from the provider."""


def fit(points: Sequence[tuple[float, float]]) -> Line:
    """The straight line of least squares; through the origin where its base would be negative.

    ValueError unless two points differ in x.
    """
    count = len(points)
    mean_x = sum(x for x, _ in points) / max(count, 1)
    mean_y = sum(y for _, y in points) / max(count, 1)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    if not spread:
        raise ValueError("a line needs two points")
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread
    base = mean_y - slope * mean_x
    if base < 0:
        return Line(0.0, sum(x * y for x, y in points) / sum(x * x for x, _ in points))
    return Line(base, slope)


def model(levels: Mapping[int, Mapping[str, float]]) -> Model:
    """From what the part in-flight measured, by tasks in flight.

    A level where lateness p99 passed a second is left out: its poller had no time for its polls.
    """
    kept = {tasks: each for tasks, each in levels.items() if each["p99"] <= 1_000}
    rates = [each["rate"] for each in kept.values()]

    def by_rate(column: str, unit: float) -> Line:
        values = (each[column] * unit for each in kept.values())
        return fit([*zip(rates, values, strict=True)])

    return Model(
        poller=by_rate("cpu", 0.01),
        store=by_rate("store_cpu", 0.01),
        commands=by_rate("commands", 1),
        store_bytes=fit([(tasks, each["kb"] * 1000 * tasks) for tasks, each in kept.items()]),
        poller_mib=fit([(tasks, each["mib"]) for tasks, each in kept.items()]),
    )


def need(found: Model, tasks: int) -> Need:
    """For so many in flight, in as many installations as they take."""
    polls = tasks / INTERVAL
    pollers = math.ceil(polls * found.poller.slope / (USABLE - found.poller.base))
    store_cores = found.store.at(polls)
    return Need(
        tasks=tasks,
        polls=polls,
        pollers=pollers,
        poller_mib=found.poller_mib.at(tasks / pollers),
        store_cores=store_cores,
        stores=math.ceil(store_cores / USABLE),
        commands=found.commands.at(polls),
        store_gb=found.store_bytes.at(tasks) / 1e9,
        provider_mb=polls * BODY / 1e6,
    )


def most(found: Model) -> tuple[int, int]:
    """In flight at most on one poller and on one store, rounded down to thousands."""

    def end(line: Line) -> int:
        return int((USABLE - line.base) / line.slope * INTERVAL // 1_000 * 1_000)

    return end(found.poller), end(found.store)
