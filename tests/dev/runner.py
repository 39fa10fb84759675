"""A started `python -m dev`, for tests that use it as a person does."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from dev.ports import free_port
from dev.settings import ROOT

READY = "Backburner is ready"


def environment(directory: Path, **more: str) -> dict[str, str]:
    """These values override a .env on this machine, so that nothing here can cost money."""
    return {
        "PATH": os.environ["PATH"],
        "REDIS_URL": "",
        "BACKBURNER_PROVIDER": "simulator",
        "BACKBURNER_DATA_DIR": str(directory),
        **more,
    }


@dataclass
class Run:
    """A started `python -m dev`, the leader of its process group as under `make`."""

    handle: asyncio.subprocess.Process
    directory: Path
    url: str
    text: str = field(default="")

    async def shows(self, words: str) -> None:
        assert self.handle.stdout
        async with asyncio.timeout(30):
            while words not in self.text:
                line = await self.handle.stdout.readline()
                assert line, f"ended without saying {words!r}:\n{self.text}"
                self.text += line.decode()

    async def ended(self) -> int:
        """The exit code; what it still had to say is read first."""
        assert self.handle.stdout
        async with asyncio.timeout(20):
            self.text += (await self.handle.stdout.read()).decode()
            return await self.handle.wait()

    def interrupt(self) -> None:
        """Ctrl-C: the terminal's signal to the whole group."""
        os.killpg(self.handle.pid, signal.SIGINT)

    def child(self, name: str) -> int:
        """The process id of ``services.NAME``."""
        processes = subprocess.run(
            ("/bin/ps", "-A", "-o", "pid=,ppid=,args="), capture_output=True, text=True, check=True
        )
        for line in processes.stdout.splitlines():
            pid, parent, args = line.split(maxsplit=2)
            if parent == str(self.handle.pid) and args.endswith(f"services.{name}"):
                return int(pid)
        raise AssertionError(f"no {name} among the children:\n{self.text}")

    async def call(self, path: str, body: object = None) -> Any:
        return await asyncio.to_thread(_call, self.url + path, body)

    async def completed(self, question: str) -> Any:
        """Submit the question, and return the completed task."""
        task = (await self.call("/v1/tasks", {"input": question}))["id"]
        async with asyncio.timeout(30):
            while (found := await self.call(f"/v1/tasks/{task}"))["status"] != "completed":
                await asyncio.sleep(0.2)
        return found


def _call(url: str, body: object) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(url, data, {"content-type": "application/json"})  # noqa: S310 -- loopback
    with urlopen(request, timeout=10) as answer:  # noqa: S310 -- loopback
        return json.load(answer)


@asynccontextmanager
async def started(directory: Path, **more: str) -> AsyncIterator[Run]:
    """Run it on the directory with an instant simulator; stop it in order at the end."""
    port = free_port()
    environ = {
        "BACKBURNER_PORT": str(port),
        "BACKBURNER_SIMULATOR_PORT": str(free_port()),
        "BACKBURNER_SIMULATOR_QUEUED_SECONDS": "0",
        "BACKBURNER_SIMULATOR_RUN_SECONDS": "0",
        "BACKBURNER_POLL_INTERVAL": "0.2",
    }
    handle = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dev"),
        cwd=ROOT,
        env=environment(directory, **environ) | more,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    run = Run(
        handle, directory / "simulator", f"http://127.0.0.1:{more.get('BACKBURNER_PORT', port)}"
    )
    try:
        yield run
    finally:
        if handle.returncode is None:
            run.interrupt()
            await run.ended()
