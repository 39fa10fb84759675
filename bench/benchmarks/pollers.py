"""Measures how much more CPU a poll takes when four pollers share the queue."""

from bench.benchmark import Benchmark, Figure, Run, Values
from bench.benchmarks.polls import cpu_ms
from bench.harness import harness

RATE = 400
"""Polls a second, of all pollers together."""


def measure(run: Run) -> Values:
    """Poll at the same rate with one poller and with four."""
    interval = 2 if run.quick else 5
    found = {}
    for count in (1, 4):
        with harness("everysec") as env:
            env.seed(RATE * interval, interval, wait=8)
            found[count] = cpu_ms(env, [env.poller(interval) for _ in range(count)], interval)
    return {"ratio": found[4] / found[1]}


BENCHMARK = Benchmark(
    "pollers",
    (Figure("ratio", "CPU of a poll with 4 pollers against 1", "", 1.3),),
    measure,
    rounds=2,
)
