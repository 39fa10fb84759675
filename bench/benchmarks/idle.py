"""Measures the CPU of an API and a poller without any task."""

import time

from bench.benchmark import Benchmark, Figure, Run, Values
from bench.harness import harness, measure_usage


def measure(run: Run) -> Values:
    """Watch both, with the processes that they start, for a minute."""
    with harness("always") as env:
        running = [env.place.api(BACKBURNER_PROVIDER="openai"), env.poller(61)]
        time.sleep(3)  # the start-up work is not idling
        seconds = 10 if run.quick else 60
        return {"cpu": 100 * measure_usage(running, seconds) / seconds}


BENCHMARK = Benchmark(
    "idle", (Figure("cpu", "CPU of an idle API and poller", "% of a core", 3),), measure
)
