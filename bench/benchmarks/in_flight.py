"""Measures how late polls are, and what they take, with many tasks in flight on one poller."""

import time

from bench import process
from bench.benchmark import Column, Figures, Part, Target, Turn, value
from bench.harness import ALWAYS, EVERYSEC, scene, used
from bench.poll_lateness import lateness, overdue
from bench.summary import quantile

INTERVAL = 61.0
LEVELS = (
    (100, EVERYSEC),
    (1_000, EVERYSEC),
    (10_000, EVERYSEC),
    (30_000, EVERYSEC),
    (50_000, EVERYSEC),
    (10_000, ALWAYS),
    (30_000, ALWAYS),
)
ANSWER_AFTER = 0.25
WAIT = 6.0
TEXT = 65
"""Bytes of each task's conversation."""


def measure(turn: Turn) -> Figures:
    """One poller at the real interval, watched for one and a half of them."""
    if turn.quick:
        return {named(500, EVERYSEC): level(500, EVERYSEC, 10, 1.5)}
    return {
        named(tasks, sync): level(tasks, sync, INTERVAL, 1.5 if tasks > 1_000 else 1)
        for tasks, sync in LEVELS
    }


def level(tasks: int, sync: str, interval: float, turns: float) -> dict[str, float]:
    """What so many tasks in flight take of the poller and of the store."""
    with scene(sync, ANSWER_AFTER) as there:
        empty = memory(there.place.store.info("memory"))
        due = there.fill(tasks, interval, WAIT)
        poller = there.poller(interval)
        time.sleep(max(0, min(due.values()) / 1000 - time.time()))
        spent = used(there, [poller], turns * interval)
        arrivals, now = there.arrivals(), 1000 * time.time()
        late = lateness(due, arrivals, interval) + overdue(due, arrivals, interval, now)
        taken = memory(there.place.store.info("memory")) - empty
        return {
            "p50": quantile(late, 0.5),
            "p99": quantile(late, 0.99),
            "rate": len(arrivals) / spent.seconds,
            "cpu": 100 * spent.cpu / spent.seconds,
            "store_cpu": 100 * spent.store / spent.seconds,
            "commands": spent.commands / spent.seconds,
            "mib": process.memory(poller.popen.pid),
            "kb": taken / tasks / 1000 - TEXT / 1000,
        }


def memory(info: dict[str, int]) -> float:
    """Bytes that the store's data takes, without what it holds for clients and the file."""
    return float(info["used_memory"] - info["mem_clients_normal"] - info["mem_aof_buffer"])


def named(tasks: int, sync: str) -> str:
    """The row of a level."""
    return f"{tasks:,}, {sync}"


PART = Part(
    name="in-flight",
    claims="One poller keeps tens of thousands of tasks in flight",
    sync="as in each row",
    measure=measure,
    columns=(
        Column("p50", "lateness p50", "ms"),
        Column("p99", "p99", "ms"),
        Column("rate", "polls a second"),
        Column("cpu", "poller", "% of a core"),
        Column("store_cpu", "Valkey", "% of a core"),
        Column("commands", "Valkey commands a second"),
        Column("mib", "poller", "MiB"),
        Column("kb", "Valkey a task beyond its text", "KB"),
    ),
    rounds=1,
    drawn="p99",
    targets=(
        Target(
            "Lateness p99 at 30,000, everysec", value("p99", named(30_000, EVERYSEC)), 1_000, "ms"
        ),
        Target("Lateness p99 at 10,000, always", value("p99", named(10_000, ALWAYS)), 1_000, "ms"),
        Target("Poller at 30,000", value("mib", named(30_000, EVERYSEC)), 200, "MiB"),
        Target("Valkey a task at 30,000", value("kb", named(30_000, EVERYSEC)), 3, "KB"),
    ),
    note=(
        "Due polls are spread over 61 s. The provider answers each after 0.25 s, which counts as"
        " late too. Lateness is seen from the provider: the first poll of a task against its due"
        " time, the next against 61 s after the one before; polls that had not come when the watch"
        " ended count with what they were late by then. The bound on requests to the provider is"
        " out of the way: its default of 1,000 a second would be met at 61,000 tasks."
    ),
)
