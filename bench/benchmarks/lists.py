"""Measures lists and searches over HTTP with 100,000 tasks beside 1,000."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.benchmark import Column, Figures, Part, Target, Turn
from bench.search import KINDS, Side
from bench.summary import quantile
from tests.harness import Installation


def measure(turn: Turn) -> Figures:
    """Each kind of request to both in turn."""
    with ExitStack() as stack:
        few, many = (
            Side(tasks, stack.enter_context(_installation(stack)))
            for tasks in (1_000, 5_000 if turn.quick else 100_000)
        )
        few.prepare()
        many.prepare()
        with httpx.Client() as client:
            for _ in range(30 if turn.quick else 200):
                for kind in KINDS:
                    few.ask(client, kind)
                    many.ask(client, kind)
    return {kind: _figures(few.took[kind], many.took[kind]) for kind in KINDS}


def _installation(stack: ExitStack) -> Installation:
    folder = TemporaryDirectory(ignore_cleanup_errors=True)
    return Installation(Path(stack.enter_context(folder)))


def _figures(few: list[float], many: list[float]) -> dict[str, float]:
    one, other = quantile(few, 0.5), quantile(many, 0.5)
    return {
        "ratio": other / one,
        "few": 1000 * one,
        "many": 1000 * other,
        "p99": 1000 * quantile(many, 0.99),
    }


PART = Part(
    name="lists",
    claims="Lists and searches do not slow down with what is kept",
    sync="everysec",
    measure=measure,
    columns=(
        Column("few", "1,000 tasks, p50", "ms"),
        Column("many", "100,000 tasks, p50", "ms"),
        Column("p99", "100,000 tasks, p99", "ms"),
        Column("ratio", "ratio of p50"),
    ),
    rounds=1,
    drawn="ratio",
    targets=(
        Target(
            "The slowest kind, 100,000 against 1,000",
            lambda medians: max(each["ratio"] for each in medians.values()),
            1.5,
        ),
        Target(
            "p99 of the slowest kind at 100,000",
            lambda medians: max(each["p99"] for each in medians.values()),
            25,
            "ms",
        ),
    ),
    note="200 requests of each kind; a page has 50 tasks.",
)
