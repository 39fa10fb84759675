"""Runs a benchmark's real store, API and pollers, with a provider stub that costs almost no CPU."""

import asyncio
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from redis.asyncio import Redis

from bench import process, seed
from tests.harness import Installation, Process, eventually

ROOT = Path(__file__).parents[1]
NO_RATE_LIMIT = "100000"
"""Requests a second to the provider that no benchmark reaches."""


@dataclass(frozen=True, slots=True)
class Harness:
    """An installation whose provider is the stub at ``provider`` (with its /v1)."""

    place: Installation
    provider: str

    def poller(self, interval: float) -> Process:
        """Start a poller and wait until it is ready."""
        return self.place.poller(
            BACKBURNER_PROVIDER="openai",
            OPENAI_BASE_URL=self.provider,
            BACKBURNER_POLL_INTERVAL=f"{interval}",
            BACKBURNER_REQUESTS_PER_SECOND=NO_RATE_LIMIT,
        )

    def start(self, module: str, **settings: str) -> Process:
        """Start a module as a process with the addresses of store and provider."""
        env = {
            "REDIS_URL": self.place.redis_url,
            "OPENAI_BASE_URL": self.provider,
            "OPENAI_API_KEY": "sk-bench",
        }
        return self.place.start(module, [process.PYTHON, "-m", module], env | settings)

    def seed(self, tasks: int, interval: float, wait: float) -> dict[str, float]:
        """Create tasks in progress; see ``bench.seed.in_progress``."""

        async def seeded() -> dict[str, float]:
            async with Redis.from_url(self.place.redis_url) as redis:
                return await seed.in_progress(redis, tasks, interval, wait)

        return asyncio.run(seeded())

    def answered(self) -> int:
        """Return how many calls the provider has received."""
        return int(httpx.get(f"{self.provider}/answered", timeout=30).text)

    def arrivals(self) -> list[tuple[str, float]]:
        """Return what arrived at the provider, with milliseconds since the epoch."""
        found = httpx.get(f"{self.provider}/arrivals", timeout=60).json()
        return [(name, at) for name, at in found]


def measure_usage(processes: Sequence[Process], seconds: float) -> float:
    """Wait, and return the CPU seconds that the processes and their children used meanwhile."""

    def used() -> float:
        pids = [pid for each in processes for pid in process.tree(each.popen.pid)]
        return sum(map(process.cpu_s, pids))

    before = used()
    time.sleep(seconds)
    return used() - before


@contextmanager
def harness(fsync: str, answer_after: float = 0) -> Iterator[Harness]:
    """Start a store with this fsync policy, and a stub that answers after so many seconds."""
    folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with folder as path, Installation(Path(path)) as place:
        place.valkey(None, "--appendfsync", fsync)
        stub = place.start(
            "stub", [process.PYTHON, "-m", "bench.stub"], {"ANSWER_AFTER": f"{answer_after}"}
        )
        eventually(lambda: stub.output.endswith("\n"), "the stub listens")
        yield Harness(place, f"http://127.0.0.1:{stub.output.strip()}/v1")
