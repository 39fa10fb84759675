"""Measures the memory of a task in flight: a script for each, or all of them here."""

from statistics import median

from bench import process
from bench.benchmark import Column, Figures, Part, Turn
from bench.harness import EVERYSEC, scene
from tests.harness import eventually

SCRIPT = "the specification's script, 10 at once"


def measure(turn: Turn) -> Figures:
    """Ten scripts; and one poller and its store with many tasks."""
    tasks = 500 if turn.quick else 10_000
    with scene(EVERYSEC) as there:
        scripts = [there.start("bench.baselines.spec_script") for _ in range(10)]
        eventually(lambda: there.answered() >= 2 * len(scripts), "each has polled once")
        script = {
            "resident": median(process.memory(each.popen.pid) for each in scripts),
            "proportional": median(process.proportional(each.popen.pid) for each in scripts),
            "processes": 1.0,
        }
    with scene(EVERYSEC) as there:
        there.fill(tasks, 61, 4)
        polling = [there.poller(61), there.valkey]
        eventually(lambda: there.answered() > tasks / 10, "it polls")
        pids = [each.popen.pid for each in polling]
        ours = {
            "resident": sum(process.memory(pid) for pid in pids) / tasks,
            "proportional": sum(process.proportional(pid) for pid in pids) / tasks,
            "processes": len(pids) / tasks,
        }
    return {SCRIPT: script, f"Backburner, {tasks:,} tasks, poller and Valkey": ours}


PART = Part(
    name="spec-script",
    claims="A task in flight costs kilobytes, not a process",
    sync=EVERYSEC,
    measure=measure,
    columns=(
        Column("resident", "resident a task", "MiB"),
        Column("proportional", "shared pages counted in parts", "MiB"),
        Column("processes", "processes a task"),
    ),
    rounds=2,
    against=SCRIPT,
)
