"""How long lists and searches take over HTTP with 1,000 tasks and with 100,000, side by side."""

import argparse
import asyncio
import statistics
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from redis.asyncio import Redis

from bench import corpus, process
from tests.harness import Installation, Process

KINDS: dict[str, dict[str, str]] = {
    "list": {},
    "list, in the middle": {"cursor": "MIDDLE"},
    "list, by status": {"status": "failed"},
    "rare word": {"q": corpus.RARE},
    "common word": {"q": corpus.COMMON},
    "common word, in the middle": {"q": corpus.COMMON, "cursor": "MIDDLE"},
    "rare word, by status": {"q": corpus.RARE, "status": "completed"},
    "common word, by status": {"q": corpus.COMMON, "status": "failed"},
    "no such word": {"q": "nevertobefound"},
}

QUIET = 0.1
"""Seconds of CPU in a second at most, once the API has nothing left to compare."""


@dataclass
class Side:
    """One installation with so many tasks, and what was measured in it."""

    tasks: int
    installation: Installation
    took: dict[str, list[float]] = field(default_factory=dict)

    def prepare(self) -> None:
        """Fill its store, and have its index made."""
        self.installation.valkey(None, "--appendfsync", "everysec")
        started = time.monotonic()
        asyncio.run(self._fill())
        print(f"\n{self.tasks:,} tasks written in {time.monotonic() - started:.0f} s", flush=True)
        self.start("index made from nothing").stop()
        api = self.start("API started again")
        used, before = process.cpu(api.popen.pid), 0.0
        while used - before > QUIET:
            time.sleep(1)
            before, used = used, process.cpu(api.popen.pid)
        print(f"  all compared with the store: {used:.1f} s of CPU since the start")
        index = self.installation.folder / "api" / "search.sqlite"
        print(f"  the index has {index.stat().st_size / 2**20:.0f} MiB")

    def start(self, what: str) -> Process:
        """Start the API; say how long it is until searching works, and what others notice."""
        started = time.monotonic()
        api = self.installation.api()
        used = process.cpu(api.popen.pid)
        most, waits = 0.0, []
        with httpx.Client(base_url=self.installation.api_url) as client:
            while True:
                asked = time.monotonic()
                client.get("/v1/tasks", params={"limit": "1"}).raise_for_status()
                waits.append(time.monotonic() - asked)
                most = max(most, process.memory(api.popen.pid))
                if client.get("/v1/tasks", params={"q": corpus.RARE}).is_success:
                    break
                time.sleep(0.02)
        took = time.monotonic() - started
        used = process.cpu(api.popen.pid) - used
        print(
            f"  {what}: {took:.1f} s, {used:.1f} s of CPU, at most {most:.0f} MiB; a list of one"
            f" meanwhile: median {_ms(statistics.median(waits))}, worst {_ms(max(waits))}",
            flush=True,
        )
        return api

    def ask(self, client: httpx.Client, kind: str) -> None:
        """One request of a kind."""
        params = {
            name: str(self.tasks // 2) if value == "MIDDLE" else value
            for name, value in KINDS[kind].items()
        }
        started = time.perf_counter()
        reply = client.get(f"{self.installation.api_url}/v1/tasks", params=params)
        self.took.setdefault(kind, []).append(time.perf_counter() - started)
        reply.raise_for_status()

    async def _fill(self) -> None:
        redis = Redis.from_url(self.installation.redis_url)
        await corpus.fill(redis, self.tasks)
        await redis.aclose()


def main() -> None:
    """Alternate between both, so that whatever else the machine does is the same for both."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()
    with ExitStack() as stack:
        few, many = (
            Side(tasks, stack.enter_context(Installation(_folder(stack))))
            for tasks in (options.few, options.many)
        )
        few.prepare()
        many.prepare()
        with httpx.Client() as client:
            for _ in range(options.rounds):
                for kind in KINDS:
                    few.ask(client, kind)
                    many.ask(client, kind)
    print(f"\n{'milliseconds, median (p95)':30} {few.tasks:>16,} {many.tasks:>16,}   ratio")
    for kind in KINDS:
        one, other = few.took[kind], many.took[kind]
        ratio = statistics.median(other) / statistics.median(one)
        print(f"{kind:30} {_both(one):>16} {_both(other):>16}   {ratio:5.2f}")


def _folder(stack: ExitStack) -> Path:
    return Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))


def _both(seconds: list[float]) -> str:
    p95 = statistics.quantiles(seconds, n=20)[-1]
    return f"{statistics.median(seconds) * 1000:.2f} ({p95 * 1000:.2f})"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


if __name__ == "__main__":
    main()
