"""CPU of a poll, side by side: ours, by the book, and what arq alone costs."""

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from redis.asyncio import Redis

from bench import fill, process
from tests.installation import Installation

ROOT = Path(__file__).parents[1]


def stub() -> tuple[subprocess.Popen[bytes], str]:
    """The provider, and its address."""
    popen = subprocess.Popen(
        [sys.executable, "-m", "bench.stub"], stdout=subprocess.PIPE, cwd=ROOT, env=environment({})
    )
    assert popen.stdout
    return popen, f"http://127.0.0.1:{int(popen.stdout.readline())}/v1"


def environment(more: dict[str, str]) -> dict[str, str]:
    """A child's environment."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "OPENAI_API_KEY": "sk-bench", **more}


def answered(base: str) -> int:
    """How many polls the stub has answered."""
    with urllib.request.urlopen(f"{base}/answered") as reply:  # noqa: S310 -- our own stub
        return int(reply.read())


def measure(
    kind: str, tasks: int, interval: float, seconds: float, workers: int
) -> dict[str, float]:
    """Milliseconds of CPU a poll, and what the store used for it."""
    with tempfile.TemporaryDirectory() as folder, Installation(Path(folder)) as installation:
        valkey = installation.valkey(None, "--appendfsync", "everysec")
        provider, base = stub()
        env = {
            "REDIS_URL": installation.redis_url,
            "OPENAI_BASE_URL": base,
            "BACKBURNER_POLL_INTERVAL": str(interval),
            "INTERVAL": str(interval),
            "TASKS": str(tasks),
            "JOB": "noop" if kind == "noop" else "poll",
        }
        if kind == "ours":
            asyncio.run(_fill(installation.redis_url, tasks, interval))
        module = "services.poller" if kind == "ours" else "bench.references.by_the_book"
        children = [
            subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=ROOT,
                env=environment(env),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for _ in range(workers)
        ]
        try:
            time.sleep(4 + interval)
            before = [process.cpu(child.pid) for child in children]
            store_before, polls = process.cpu(valkey.popen.pid), answered(base)
            started = time.monotonic()
            time.sleep(seconds)
            spent = sum(process.cpu(child.pid) for child in children) - sum(before)
            store = process.cpu(valkey.popen.pid) - store_before
            took = time.monotonic() - started
            done = tasks / interval * took if kind == "noop" else answered(base) - polls
            return {
                "ms": spent / done * 1000,
                "store_ms": store / done * 1000,
                "rate": done / took,
                "rss": max(process.memory(child.pid) for child in children),
            }
        finally:
            for child in [*children, provider]:
                child.terminate()
            for child in [*children, provider]:
                child.wait(20)


async def _fill(url: str, tasks: int, interval: float) -> None:
    redis = Redis.from_url(url)
    await fill.in_progress(redis, tasks, interval, 5)
    await redis.aclose()


def main() -> None:
    """Interleaved rounds; the medians and their ratio to by-the-book."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--interval", type=float, default=5)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--kinds", default="book,noop,ours")
    options = parser.parse_args()
    found: dict[str, list[dict[str, float]]] = {}
    for _ in range(options.rounds):
        for kind in options.kinds.split(","):
            result = measure(
                kind, options.tasks, options.interval, options.seconds, options.workers
            )
            print(kind, {name: round(value, 3) for name, value in result.items()}, flush=True)
            found.setdefault(kind, []).append(result)
    book = statistics.median(r["ms"] for r in found["book"]) if "book" in found else None
    for kind, results in found.items():
        median = statistics.median(r["ms"] for r in results)
        ratio = f"  ratio {median / book:.2f}" if book else ""
        print(f"{kind:6} {median:.2f} ms of CPU a poll{ratio}")


if __name__ == "__main__":
    main()
