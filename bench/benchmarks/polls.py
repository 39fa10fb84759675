"""Measures what one poll costs: ours, by the book, and what its parts alone cost."""

from bench import process
from bench.baselines.counter import counted
from bench.benchmark import Column, Figures, Part, Target, Turn, ratio
from bench.harness import EVERYSEC, Scene, scene, used
from tests.harness import Process

BOOK, ARQ, SAQ, GET, OURS = (
    "by the book (arq + SDK)",
    "arq's no-op chain",
    "SAQ's no-op chain",
    "bare httpx2 GETs",
    "Backburner",
)
MODULES = {
    BOOK: "by_the_book",
    ARQ: "arq_chain",
    SAQ: "saq_chain",
    GET: "get_loop",
}
RATE, INTERVAL, SMALL = 200, 5.0, 2.0
"""Polls a second, and the seconds between two of a task; fewer tasks where that will do."""


def measure(turn: Turn) -> Figures:
    """Milliseconds of CPU a poll, of the process and of the store, at 200 polls a second."""
    return {subject: steady(subject, 1, RATE, quick=turn.quick) for subject in (*MODULES, OURS)}


def steady(subject: str, workers: int, rate: int, *, quick: bool) -> dict[str, float]:
    """What a poll costs so many workers at that many polls a second."""
    interval = SMALL if quick else INTERVAL
    with scene(EVERYSEC) as there:
        polling = begin(there, subject, workers, int(rate * interval), interval)
        return cost(there, polling, subject, interval, 4 if quick else 8)


def begin(there: Scene, subject: str, workers: int, tasks: int, interval: float) -> list[Process]:
    """So many workers on so many chains."""
    if subject == OURS:
        there.fill(tasks, interval, 5)
        return [there.poller(interval) for _ in range(workers)]
    module = f"bench.baselines.{MODULES[subject]}"
    env = {"TASKS": f"{tasks}", "INTERVAL": f"{interval}"}
    return [
        there.start(
            module, COUNT=f"{there.place.folder}/count{each}", FIRST=f"{int(each == 0)}", **env
        )
        for each in range(workers)
    ]


def cost(
    there: Scene, workers: list[Process], subject: str, interval: float, seconds: float
) -> dict[str, float]:
    """What a poll costs once all chains go round."""

    def done() -> int:
        if subject in {ARQ, SAQ}:
            return sum(counted(each) for each in there.place.folder.glob("count*"))
        return there.answered()

    used(there, workers, 5 + interval)
    before = done()
    spent = used(there, workers, seconds)
    polls = done() - before
    assert polls, f"{subject} did nothing: {workers[0].output[-500:]}"
    return {
        "ms": 1000 * spent.cpu / polls,
        "store_ms": 1000 * spent.store / polls,
        "commands": spent.commands / polls,
        "rate": polls / spent.seconds,
        "mib": max(process.memory(each.popen.pid) for each in workers),
    }


PART = Part(
    name="polls",
    claims="A poll costs little more than its parts",
    sync=EVERYSEC,
    measure=measure,
    columns=(
        Column("ms", "CPU a poll", "ms"),
        Column("store_ms", "Valkey's CPU a poll", "ms"),
        Column("commands", "Valkey commands a poll"),
        Column("rate", "polls a second"),
        Column("mib", "memory", "MiB"),
    ),
    against=BOOK,
    drawn="ms",
    targets=(Target("CPU of a poll against by the book", ratio("ms", OURS, BOOK), 0.35),),
    note=(
        f"{RATE * INTERVAL:,.0f} tasks, each polled every {INTERVAL:g} s by one process. The no-op"
        " chains only enqueue their own next job; the GETs keep nothing. Commands in scripts are"
        " counted."
    ),
)
