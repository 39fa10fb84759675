"""Measures how many tasks one API process takes in a second, beside a bare route."""

import os
import subprocess
from urllib.parse import urlsplit

import httpx

from bench import process
from bench.benchmark import Column, Figures, Part, Target, Turn, ratio
from bench.harness import ALWAYS, EVERYSEC, ROOT, scene
from tests.harness import Process, eventually, free_port

BARE, OURS = "bare FastAPI route, one HSET", "POST /v1/tasks"
CONNECTIONS = 32


def measure(turn: Turn) -> Figures:
    """Both, under both fsync policies."""
    seconds = 3 if turn.quick else 6
    return {
        named(subject, sync): _one(subject, sync, seconds)
        for sync in (EVERYSEC, ALWAYS)
        for subject in (BARE, OURS)
    }


def _one(subject: str, sync: str, seconds: int) -> dict[str, float]:
    with scene(sync) as there:
        if subject == OURS:
            server = there.place.api(
                BACKBURNER_PROVIDER="openai", BACKBURNER_MAX_OPEN_TASKS="1000000"
            )
            port = urlsplit(there.place.api_url).port or 0
        else:
            port = free_port()
            server = there.start("bench.baselines.bare_route", PORT=f"{port}")
            eventually(lambda: _answers(port), "the bare route answers")
        return _loaded(server, port, seconds)


def _loaded(server: Process, port: int, seconds: int) -> dict[str, float]:
    before = process.cpu(server.popen.pid)
    argv = [process.PYTHON, "-m", "bench.load", f"{port}", f"{CONNECTIONS}", f"{seconds}"]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    said = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    rate = float(said.stdout)
    # The second of warming up is in it too.
    spent = (process.cpu(server.popen.pid) - before) * seconds / (seconds + 1)
    return {"rate": rate, "cpu": 1000 * spent / seconds / rate}


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=1).is_success
    except httpx.HTTPError:
        return False


def named(subject: str, sync: str) -> str:
    """The row of a subject under a policy."""
    return f"{subject}, {sync}"


PART = Part(
    name="throughput",
    claims="Accepting a task for good costs little more than accepting anything",
    sync="as in each row",
    measure=measure,
    columns=(
        Column("rate", "requests", "a second"),
        Column("cpu", "server's CPU a request", "ms"),
    ),
    drawn="rate",
    targets=tuple(
        Target(
            f"Requests a second against the bare route, {sync}",
            ratio("rate", named(OURS, sync), named(BARE, sync)),
            0.7,
            at_least=True,
        )
        for sync in (EVERYSEC, ALWAYS)
    ),
    note=(
        f"{CONNECTIONS} connections, one server process; client and store share the cores with it."
        " Ours writes the record, the conversation, the job and the event, and has them confirmed"
        " on disk before it answers; the bare route writes one hash. With everysec ours waits for"
        " Valkey's loop to turn, up to 100 ms: there only the CPU is about this code (decision 5)."
    ),
)
