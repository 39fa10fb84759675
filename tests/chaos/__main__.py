"""Chaos as a command: ``python -m tests.chaos --seed 1 --minutes 1 --tasks 60``."""

import argparse
import random
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tests.chaos import report
from tests.chaos.audit import breaches
from tests.chaos.plan import draw
from tests.chaos.run import run


def main() -> int:
    """0 if the promise was kept and every fault of the plan fired."""
    asked = _arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    plan = draw(asked.seed, asked.minutes * 60, asked.tasks, asked.pollers)
    folder = Path(tempfile.mkdtemp(prefix="backburner-chaos-"))
    say(
        f"Chaos, seed {plan.seed}: {asked.minutes:g} minutes, {asked.tasks} tasks,"
        f" {asked.pollers} pollers, {len(plan.faults)} faults; the provider works"
        f" {plan.run_seconds} s on each task. Logs are in {folder} and stay if it fails."
    )
    evidence = run(plan, folder)
    found = breaches(evidence)
    text = report.table(plan, evidence, found)
    say(text)
    if found:
        return 1
    shutil.rmtree(folder)
    if asked.publish:
        report.publish(plan, text)
    return 0


def say(text: str) -> None:
    """To whoever started the run, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))  # noqa: S311 -- not a secret
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--tasks", type=int, default=60)
    parser.add_argument("--pollers", type=int, default=4)
    parser.add_argument("--publish", action="store_true", help="show it in docs/reliability.md")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
