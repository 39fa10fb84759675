"""What a measurement runs in: a real store, a provider that costs nothing, and real processes."""

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
EVERYSEC, ALWAYS = "everysec", "always"
UNBOUND = "100000"
"""The bound on requests a second: none that a measurement could meet."""


@dataclass(frozen=True, slots=True)
class Scene:
    """An installation whose provider is the stub at ``provider`` (with its /v1)."""

    place: Installation
    valkey: Process
    provider: str

    def poller(self, interval: float, **settings: str) -> Process:
        """One of ours, once the fleet knows it."""
        env = {
            "BACKBURNER_PROVIDER": "openai",
            "OPENAI_BASE_URL": self.provider,
            "BACKBURNER_POLL_INTERVAL": f"{interval}",
            "BACKBURNER_REQUESTS_PER_SECOND": UNBOUND,
        }
        return self.place.poller(ready=True, **(env | settings))

    def start(self, module: str, **settings: str) -> Process:
        """Any module, by its name from the root, as a process."""
        env = {"REDIS_URL": self.place.redis_url, "OPENAI_BASE_URL": self.provider}
        argv = [process.PYTHON, "-m", module]
        return self.place.start(module, argv, env | {"OPENAI_API_KEY": "sk-bench"} | settings)

    def fill(self, tasks: int, interval: float, wait: float) -> dict[str, float]:
        """Tasks in progress: due times (ms) by the id of their responses, see ``bench.seed``."""

        async def filled() -> dict[str, float]:
            async with Redis.from_url(self.place.redis_url) as redis:
                return await seed.in_progress(redis, tasks, interval, wait)

        return asyncio.run(filled())

    def answered(self) -> int:
        """How many calls the provider has answered."""
        return int(httpx.get(f"{self.provider}/answered", timeout=30).text)

    def arrivals(self) -> list[tuple[str, float]]:
        """What arrived at the provider, with the milliseconds since the epoch."""
        found = httpx.get(f"{self.provider}/arrivals", timeout=60).json()
        return [(name, at) for name, at in found]

    def commands(self) -> int:
        """What the store has carried out so far, the commands inside scripts too."""
        stats = self.place.store.info("stats")
        return int(stats["total_commands_processed"])


@dataclass(frozen=True, slots=True)
class Used:
    """What was used over ``seconds``: CPU seconds of the watched processes and of the store."""

    seconds: float
    cpu: float
    store: float
    commands: int


def used(scene: Scene, watched: Sequence[Process], seconds: float) -> Used:
    """Wait, and tell what was used meanwhile."""

    def now() -> tuple[float, float, float, int]:
        cpu = sum(process.cpu(each.popen.pid) for each in watched)
        store = process.cpu(scene.valkey.popen.pid)
        return time.monotonic(), cpu, store, scene.commands()

    before = now()
    time.sleep(seconds)
    return Used(*(after - first for after, first in zip(now(), before, strict=True)))  # type: ignore[arg-type]  # -- commands are whole


@contextmanager
def scene(sync: str, answer_after: float = 0) -> Iterator[Scene]:
    """A store with that fsync policy and the stub, in a folder of their own.

    The stub answers after so many seconds.
    """
    folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with folder as path, Installation(Path(path)) as place:
        valkey = place.valkey(None, "--appendfsync", sync)
        stub = place.start(
            "stub", [process.PYTHON, "-m", "bench.stub"], {"ANSWER_AFTER": f"{answer_after}"}
        )
        eventually(lambda: stub.output.endswith("\n"), "the stub listens")
        yield Scene(place, valkey, f"http://127.0.0.1:{stub.output.strip()}/v1")
