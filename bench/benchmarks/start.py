"""Measures how long `make run` takes to be ready, on data from an earlier run."""

import os
import signal
import subprocess
import tempfile
import time

import httpx

from bench.benchmark import Benchmark, Figure, Run, Values
from bench.harness import ROOT
from tests.harness import eventually, free_port


def measure(_: Run) -> Values:
    """Start twice on the same data; the second start is warm."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as data:
        _start(data)
        return {"seconds": _start(data)}


def _start(data: str) -> float:
    port = free_port()
    env = {
        **os.environ,
        "BACKBURNER_DATA_DIR": data,
        "BACKBURNER_PORT": f"{port}",
        "BACKBURNER_SIMULATOR_PORT": f"{free_port()}",
        "BACKBURNER_PROVIDER": "simulator",
        "REDIS_URL": "",
    }
    # -o: the installation is up to date and not part of the start.
    argv = ["make", "--silent", "-o", ".venv/run.stamp", "run"]
    began = time.monotonic()
    run = subprocess.Popen(
        argv, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        eventually(lambda: _is_ready(port), "it is ready", 60)
        return time.monotonic() - began
    finally:
        os.killpg(run.pid, signal.SIGTERM)
        run.wait(30)


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=1).is_success
    except httpx.HTTPError:
        return False


BENCHMARK = Benchmark(
    "start", (Figure("seconds", "warm start of make run", "s", 2),), measure, rounds=5
)
