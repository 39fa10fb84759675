"""Measures how many tasks one API process accepts in a second from 32 clients."""

import json
import os
import subprocess
from urllib.parse import urlsplit

from bench.benchmark import Benchmark, Figure, Run, Values
from bench.harness import ROOT, harness
from bench.process import PYTHON


def measure(run: Run) -> Values:
    """Post over 32 connections as fast as the API answers."""
    seconds = 3 if run.quick else 10
    with harness("always") as env:
        env.place.api(BACKBURNER_PROVIDER="openai", BACKBURNER_MAX_OPEN_TASKS="1000000")
        port = urlsplit(env.place.api_url).port
        argv = [PYTHON, "-m", "bench.post_load", f"{port}", "32", f"{seconds}"]
        output = subprocess.run(
            argv,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        values: Values = json.loads(output)
        return values


BENCHMARK = Benchmark(
    "throughput",
    (
        Figure("rate", "POST /v1/tasks, 32 at once", "a second", 200, at_least=True),
        Figure("p99", "its response time, p99", "ms", 100),
    ),
    measure,
    rounds=3,
)
