"""Measures how late polls are with 10,000 tasks in flight on one poller."""

import time

from bench.benchmark import Benchmark, Figure, Run, Values, quantile
from bench.harness import harness
from bench.poll_lateness import lateness, overdue


def measure(run: Run) -> Values:
    """Watch one poller for one and a half of its intervals; the provider answers after 0.25 s."""
    tasks, interval = (500, 10.0) if run.quick else (10_000, 61.0)
    with harness("always", answer_after=0.25) as env:
        due = env.seed(tasks, interval, wait=6)
        env.poller(interval)
        time.sleep(max(0, min(due.values()) / 1000 - time.time()) + 1.5 * interval)
        arrivals, now_ms = env.arrivals(), 1000 * time.time()
        late_ms = lateness(due, arrivals, interval) + overdue(due, arrivals, interval, now_ms)
        return {"p99": quantile(late_ms, 0.99)}


BENCHMARK = Benchmark(
    "in-flight",
    (Figure("p99", "lateness of a poll, p99, 10,000 tasks in flight", "ms", 1_000),),
    measure,
)
