"""Runs the benchmarks: ``python -m bench [NAME …] [--quick] [--rounds N]``."""

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from bench import benchmarks, machine, report
from bench.benchmark import Benchmark, Run, Unavailable
from bench.report import Result


def main() -> None:
    """Print each figure beside its target; unless --quick, write them to docs/performance.md."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(benchmarks.ALL))
    parser.add_argument("--quick", action="store_true", help="one short round; keep nothing")
    parser.add_argument("--rounds", type=int, help="default: set by each benchmark")
    options = parser.parse_args()
    if unknown := set(options.names) - set(benchmarks.ALL):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(benchmarks.ALL)}")
    for name in options.names or benchmarks.ALL:
        benchmark = benchmarks.ALL[name]
        rounds = 1 if options.quick else options.rounds or benchmark.rounds
        try:
            results = dict(_run(benchmark, rounds, quick=options.quick))
        except Unavailable as reason:
            print(f"\nLEFT OUT {name}: {reason}", flush=True)
            continue
        print(f"\n{report.table([benchmark], results)}", flush=True)
        if not options.quick:
            report.keep([*benchmarks.ALL.values()], results)


def _run(benchmark: Benchmark, rounds: int, *, quick: bool) -> Iterator[tuple[str, Result]]:
    about = f"{machine.sentence()}, load {os.getloadavg()[0]:.1f}"
    measured = []
    for number in range(rounds):
        sys.stderr.write(f"{benchmark.name}, round {number + 1}\n")
        measured.append(benchmark.measure(Run(quick)))
    for figure in benchmark.figures:
        values = [each[figure.name] for each in measured]
        yield f"{benchmark.name}.{figure.name}", Result(values, f"{datetime.now(UTC):%F}", about)


if __name__ == "__main__":
    main()
