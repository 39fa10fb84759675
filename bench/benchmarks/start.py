"""Measures how long `make run` takes until it is ready, set up before and with data."""

import os
import signal
import subprocess
import tempfile
import time

import httpx

from bench.benchmark import Column, Figures, Part, Target, Turn, value
from bench.harness import ROOT
from tests.harness import eventually, free_port

COLD, WARM = "on empty data", "again"


def measure(_: Turn) -> Figures:
    """Twice on the same data; the second is warm."""
    folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    with folder as data:
        return {name: {"seconds": _start(data)} for name in (COLD, WARM)}


def _start(data: str) -> float:
    port = free_port()
    env = {
        **os.environ,
        "BACKBURNER_DATA_DIR": data,
        "BACKBURNER_PORT": f"{port}",
        "BACKBURNER_SIMULATOR_PORT": f"{free_port()}",
        "BACKBURNER_PROVIDER": "simulator",
    }
    began = time.monotonic()
    # Set-up is not part of it: -o says that it has been done.
    argv = ["make", "--silent", "-o", ".venv/run.stamp", "run"]
    run = subprocess.Popen(
        argv, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        eventually(lambda: _ready(port), "it is ready", 60)
        return time.monotonic() - began
    finally:
        os.killpg(run.pid, signal.SIGTERM)
        run.wait(30)


def _ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=1).is_success
    except httpx.HTTPError:
        return False


PART = Part(
    name="start",
    claims="It starts at once",
    sync="always",
    measure=measure,
    columns=(Column("seconds", "make run → ready", "s"),),
    rounds=5,
    targets=(Target("Warm start", value("seconds", WARM), 3, "s"),),
)
