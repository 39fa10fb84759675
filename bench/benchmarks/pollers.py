"""Measures what a poll costs when several pollers share one queue."""

from bench.benchmark import Column, Figures, Part, Target, Turn, ratio
from bench.benchmarks.polls import ARQ, INTERVAL, OURS, steady
from bench.harness import EVERYSEC

RATE = 400
COUNTS = (1, 2, 4)


def measure(turn: Turn) -> Figures:
    """The same 400 polls a second by 1, 2 and 4 processes."""
    found = {}
    for count in (1, 4) if turn.quick else COUNTS:
        for subject in (OURS, ARQ):
            found[named(subject, count)] = steady(subject, count, RATE, quick=turn.quick)
    return found


def named(subject: str, count: int) -> str:
    """The row of so many workers."""
    return f"{subject}, {count}"


PART = Part(
    name="pollers",
    claims="More pollers share the work instead of fighting for it",
    sync=EVERYSEC,
    measure=measure,
    columns=(
        Column("ms", "CPU a poll, all workers", "ms"),
        Column("store_ms", "Valkey's CPU a poll", "ms"),
        Column("commands", "Valkey commands a poll"),
        Column("rate", "polls a second"),
    ),
    rounds=2,
    against=named(OURS, 1),
    drawn="ms",
    targets=(
        Target(
            "CPU of a poll at 4 pollers against 1",
            ratio("ms", named(OURS, 4), named(OURS, 1)),
            1.3,
        ),
    ),
    note=(
        f"{RATE * INTERVAL:,.0f} tasks, each polled every {INTERVAL:g} s. On 2 cores, 4 pollers,"
        " the store and the provider share them, so this shows what the work costs, not how far it"
        " scales."
    ),
)
