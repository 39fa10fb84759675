"""Measures everything or the parts named: ``python -m bench [PART …] [--quick] [--rounds N]``."""

import argparse
import os
import sys
import time
from datetime import UTC, datetime

from bench import benchmarks, machine, report, scaling
from bench.benchmark import Figures, LeftOut, Part, Turn


def main() -> int:
    """Print each table; without --quick also write it down."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(benchmarks.ALL))
    parser.add_argument("--quick", action="store_true", help="small, and nothing is written down")
    parser.add_argument("--rounds", type=int, help="instead of what each part asks for")
    options = parser.parse_args()
    chosen = options.parts or [*benchmarks.ALL]
    if unknown := set(chosen) - set(benchmarks.ALL):
        parser.error(
            f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(benchmarks.ALL)}"
        )
    named = machine.described()
    print(machine.sentence(named), flush=True)
    for name in chosen:
        part = benchmarks.ALL[name]
        began, load = time.monotonic(), os.getloadavg()[0]
        rounds = 1 if options.quick else options.rounds or part.rounds
        try:
            found = [_round(part, Turn(number, options.quick)) for number in range(rounds)]
        except LeftOut as reason:
            print(f"\nLEFT OUT {name}: {reason}", flush=True)
            continue
        run = report.Run(part, found, named, datetime.now(UTC), load, time.monotonic() - began)
        print(f"\n## {part.claims}\n\n{run.text}\n({run.seconds:.0f} s)", flush=True)
        if not options.quick:
            run.keep()
    if scaling.PART in chosen and not options.quick:
        scaling.write()
    return 0


def _round(part: Part, turn: Turn) -> Figures:
    sys.stderr.write(f"{part.name}, round {turn.number + 1}\n")
    return part.measure(turn)


if __name__ == "__main__":
    sys.exit(main())
