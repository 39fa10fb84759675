"""Measures what API and poller take while nobody wants anything of them."""

import time

from bench import process
from bench.benchmark import Column, Figures, Part, Target, Turn, value
from bench.harness import ALWAYS, Scene, scene
from tests.harness import Process, eventually

API, POLLER, BOTH = "API and what it starts", "poller", "together"
IMPORTS = """
import signal
from shared.runtime.startup import importing
with importing():
    import services.{0}.process
print('imported', flush=True)
signal.pause()
"""


def measure(turn: Turn) -> Figures:
    """Both without a task, for a minute; and processes that only import the same."""
    seconds = 10 if turn.quick else 60
    with scene(ALWAYS) as there:
        running = {
            API: there.place.api(BACKBURNER_PROVIDER="openai"),
            POLLER: there.poller(61),
        }
        imports = {API: _imported(there, "api"), POLLER: _imported(there, "poller")}
        time.sleep(3)  # what is left to do after the start is not idling
        before = {name: _cpu(each) for name, each in running.items()}
        began = time.monotonic()
        time.sleep(seconds)
        took = time.monotonic() - began
        found = {
            name: {
                "cpu": 100 * (_cpu(each) - before[name]) / took,
                "mib": _memory(each),
                "imports": imports[name],
            }
            for name, each in running.items()
        }
    found[BOTH] = {
        column: found[API][column] + found[POLLER][column] for column in ("cpu", "mib", "imports")
    }
    for figures in found.values():
        figures["ratio"] = figures["mib"] / figures["imports"]
    return found


def _imported(there: Scene, service: str) -> float:
    argv = [process.PYTHON, "-c", IMPORTS.format(service)]
    imported = there.place.start(f"imports-{service}", argv, {})
    eventually(lambda: "imported" in imported.output, f"{service} is imported")
    memory = process.memory(imported.popen.pid)
    imported.stop()
    return memory


def _cpu(service: Process) -> float:
    return sum(process.cpu(pid) for pid in process.family(service.popen.pid))


def _memory(service: Process) -> float:
    return sum(process.memory(pid) for pid in process.family(service.popen.pid))


PART = Part(
    name="idle",
    claims="Idle means idle",
    sync=ALWAYS,
    measure=measure,
    columns=(
        Column("cpu", "CPU", "% of a core"),
        Column("mib", "memory", "MiB"),
        Column("imports", "its imports alone", "MiB"),
        Column("ratio", "ratio"),
    ),
    rounds=1,
    targets=(
        Target("CPU of both", value("cpu", BOTH), 3, "% of a core"),
        Target("Memory of both against their imports", value("ratio", BOTH), 1.3),
    ),
)
