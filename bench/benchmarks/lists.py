"""Measures lists and searches over HTTP with 100,000 tasks against 1,000."""

import asyncio
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx
from redis.asyncio import Redis

from bench import corpus, process
from bench.benchmark import Benchmark, Figure, Run, Values, quantile
from tests.harness import Installation, eventually

Query = dict[str, str]
LISTS: dict[str, Query] = {
    "list": {},
    "list by status": {"status": "failed"},
    "rare word": {"q": corpus.RARE},
    "common word": {"q": corpus.COMMON},
    "rare word by status": {"q": corpus.RARE, "status": "completed"},
    "common word by status": {"q": corpus.COMMON, "status": "failed"},
    "unknown word": {"q": "nevertobefound"},
}
FROM_THE_MIDDLE = ("list", "common word")
IDLE_CPU_S = 0.1
"""CPU seconds in a second below which the API has finished its start-up work."""


@dataclass
class Store:
    """An installation with so many tasks, and the response times of each query in seconds."""

    tasks: int
    place: Installation
    queries: dict[str, Query] = field(default_factory=dict)
    took: dict[str, list[float]] = field(default_factory=dict)

    def prepare(self) -> None:
        """Fill the store and wait until the API has built its index and is idle."""
        self.place.valkey(None, "--appendfsync", "everysec")
        asyncio.run(self._fill())
        api = self.place.api()
        eventually(lambda: self._get({"q": corpus.RARE}).is_success, "the index is ready", 300)
        used, before = process.cpu_s(api.popen.pid), 0.0
        while used - before > IDLE_CPU_S:
            time.sleep(1)
            before, used = used, process.cpu_s(api.popen.pid)
        self.queries = dict(LISTS)
        for name in FROM_THE_MIDDLE:
            self.queries[f"{name} from the middle"] = self._middle(LISTS[name])

    def measure(self, name: str) -> None:
        """Send a query once."""
        began = time.perf_counter()
        self._get(self.queries[name]).raise_for_status()
        self.took.setdefault(name, []).append(time.perf_counter() - began)

    def _middle(self, query: Query) -> Query:
        cursor: dict[str, str] = {}
        for _ in range(self.tasks // 2 // 100):
            following = self._get({**query, **cursor, "limit": "100"}).json()["next_cursor"]
            if following is None:
                break
            cursor = {"cursor": following}
        return query | cursor

    def _get(self, query: Query) -> httpx.Response:
        return self._client.get(f"{self.place.api_url}/v1/tasks", params=query)

    def __post_init__(self) -> None:
        self._client = httpx.Client(timeout=60)

    async def _fill(self) -> None:
        async with Redis.from_url(self.place.redis_url) as redis:
            await corpus.fill(redis, self.tasks)


def measure(run: Run) -> Values:
    """Send each query to both stores in turn; return the figures of the slowest query."""
    with ExitStack() as stack:
        few, many = (
            Store(tasks, stack.enter_context(Installation(_folder(stack))))
            for tasks in (1_000, 5_000 if run.quick else 100_000)
        )
        few.prepare()
        many.prepare()
        for _ in range(30 if run.quick else 200):
            for name in few.queries:
                few.measure(name)
                many.measure(name)
    ratios = [median(many.took[name]) / median(few.took[name]) for name in few.took]
    return {
        "ratio": max(ratios),
        "p99": 1000 * max(quantile(took, 0.99) for took in many.took.values()),
    }


def _folder(stack: ExitStack) -> Path:
    return Path(stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True)))


BENCHMARK = Benchmark(
    "lists",
    (
        Figure("ratio", "slowest list or search, 100,000 tasks against 1,000", "", 1.5),
        Figure("p99", "slowest list or search at 100,000 tasks, p99", "ms", 25),
    ),
    measure,
)
