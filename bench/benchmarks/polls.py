"""Measures the CPU of a poll against the same job as arq's and the SDK's documentation write it."""

from concurrent.futures import ThreadPoolExecutor

from bench.benchmark import Benchmark, Figure, Run, Values
from bench.harness import Harness, harness, measure_usage
from tests.harness import Process

RATE = 200
"""Polls a second."""


def measure(run: Run) -> Values:
    """Poll at the same rate with Backburner and with a plain arq worker, side by side."""
    interval = 2 if run.quick else 5
    tasks = RATE * interval
    with harness("everysec") as ours, harness("everysec") as plain:
        ours.seed(tasks, interval, wait=5)
        poller = ours.poller(interval)
        settings = {"TASKS": f"{tasks}", "INTERVAL": f"{interval}"}
        worker = plain.start("bench.baselines.plain_arq", **settings)
        # In the same seconds, so that other load on the machine affects both.
        with ThreadPoolExecutor(2) as executor:
            poller_ms = executor.submit(cpu_ms, ours, [poller], interval)
            worker_ms = executor.submit(cpu_ms, plain, [worker], interval)
            return {"ratio": poller_ms.result() / worker_ms.result()}


def cpu_ms(env: Harness, workers: list[Process], interval: float) -> float:
    """CPU milliseconds a poll of all workers together, once every chain is running."""
    measure_usage(workers, 5 + interval)
    before = env.answered()
    cpu_s = measure_usage(workers, 2 * interval)
    polls = env.answered() - before
    assert polls, f"no polls: {workers[0].output[-500:]}"
    return 1000 * cpu_s / polls


BENCHMARK = Benchmark(
    "polls",
    (Figure("ratio", "CPU of a poll against a plain arq job with the SDK", "", 0.5),),
    measure,
    rounds=3,
)
