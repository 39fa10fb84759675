"""`python -m dev` as a person meets it: real store, services and simulator, no key."""

import asyncio
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from dev.lock import lock
from dev.ports import free_port
from dev.settings import ROOT
from shared.domain.errors import InvalidSetting

pytestmark = pytest.mark.integration

READY = "Backburner is ready"


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

    async def completed(self, task: str) -> Any:
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
    """Ours win over a .env that a person may have: nothing here can be paid."""
    port = free_port()
    environ = {
        "PATH": os.environ["PATH"],
        "REDIS_URL": "",
        "BACKBURNER_PROVIDER": "simulator",
        "BACKBURNER_DATA_DIR": str(directory),
        "BACKBURNER_PORT": str(port),
        "BACKBURNER_SIMULATOR_PORT": str(free_port()),
        "BACKBURNER_SIMULATOR_QUEUED_SECONDS": "0",
        "BACKBURNER_SIMULATOR_RUN_SECONDS": "0",
        "BACKBURNER_POLL_INTERVAL": "0.2",
    }
    handle = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "dev"),
        cwd=ROOT,
        env=environ | more,
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


def is_free(directory: Path) -> bool:
    """Every child holds the lock, so a free directory means that all of them have ended."""
    try:
        os.close(lock(directory))
    except InvalidSetting:
        return False
    return True


def wait_until_free(directory: Path) -> None:
    with (directory / "lock").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)


async def test_a_task_is_answered_and_outlives_a_restart(tmp_path: Path) -> None:
    async with started(tmp_path) as run:
        await run.shows(READY)
        task = (await run.call("/v1/tasks", {"input": "Tell me about lighthouses."}))["id"]
        answered = await run.completed(task)
        assert answered["output_text"].strip()
    async with started(tmp_path) as run:
        await run.shows(READY)
        assert await run.call(f"/v1/tasks/{task}") == answered


async def test_it_says_where_the_page_is_and_that_nothing_is_paid(tmp_path: Path) -> None:
    async with started(tmp_path) as run:
        await run.shows("Stop       Ctrl-C")
        assert f"{READY}: {run.url}/" in run.text
        assert "SIMULATOR: every answer is MADE UP and nothing is paid." in run.text
        assert str(run.directory) in run.text


async def test_ctrl_c_ends_everything_within_ten_seconds(tmp_path: Path) -> None:
    async with started(tmp_path) as run:
        await run.shows(READY)
        run.interrupt()
        async with asyncio.timeout(10):
            assert await run.ended() == 0
    assert "Traceback" not in run.text
    assert is_free(run.directory)


@pytest.mark.thorough
async def test_ctrl_c_during_the_start_ends_everything_too(tmp_path: Path) -> None:
    async with started(tmp_path) as run:
        await run.shows("valkey    |")
        run.interrupt()
        assert await run.ended() == 0
    assert is_free(run.directory)


@pytest.mark.thorough
async def test_a_second_ctrl_c_waits_for_nobody(tmp_path: Path) -> None:
    async with started(tmp_path) as run:
        await run.shows("poller started")
        os.kill(run.child("poller"), signal.SIGSTOP)
        run.interrupt()
        await run.shows("Stopping")
        run.interrupt()
        async with asyncio.timeout(5):
            await run.ended()
    assert is_free(run.directory)


@pytest.mark.thorough
async def test_a_second_sigterm_kills_nobody(tmp_path: Path) -> None:
    async with started(tmp_path) as run:
        await run.shows(READY)
        os.kill(run.child("api"), signal.SIGSTOP)
        run.handle.terminate()
        await run.shows("Stopping")
        run.handle.terminate()
        await run.shows("api is finishing what it has in hand.")
        os.kill(run.child("api"), signal.SIGCONT)
        assert await run.ended() == 0
    assert "api stopped" in run.text


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["api", "poller", "simulator"])
async def test_a_child_that_dies_ends_the_run_and_is_named(tmp_path: Path, name: str) -> None:
    async with started(tmp_path) as run:
        await run.shows(READY)
        os.kill(run.child(name), signal.SIGKILL)
        assert await run.ended() == 1
    assert f"{name} was killed by SIGKILL; stopping everything." in run.text
    assert is_free(run.directory)


@pytest.mark.thorough
async def test_a_second_run_on_the_same_data_is_refused_in_one_sentence(tmp_path: Path) -> None:
    async with started(tmp_path) as first:
        await first.shows("valkey    |")
        async with started(tmp_path) as second:
            assert await second.ended() == 1
    assert second.text == (
        f"{first.directory} is in use: another `make run` is running or still stopping "
        f"(process {first.handle.pid}).\n"
    )


@pytest.mark.thorough
async def test_the_data_is_free_again_after_the_runner_itself_was_killed(tmp_path: Path) -> None:
    async with started(tmp_path) as run:
        await run.shows(READY)
        run.handle.kill()
        await run.handle.wait()
    async with asyncio.timeout(60):
        await asyncio.to_thread(wait_until_free, run.directory)


async def test_a_busy_port_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        async with started(tmp_path, BACKBURNER_PORT=port) as run:
            assert await run.ended() == 1
    assert run.text.startswith(f"Port {port} on 127.0.0.1 cannot be used")
    assert run.text.count("\n") == 1


async def test_a_wrong_store_is_refused_in_one_sentence_without_its_password(
    tmp_path: Path,
) -> None:
    url = f"redis://:guessed@127.0.0.1:{free_port()}/0"
    async with started(tmp_path, REDIS_URL=url) as run:
        assert await run.ended() == 1
    assert run.text.startswith("No Redis or Valkey answers at REDIS_URL")
    assert run.text.count("\n") == 1
    assert "guessed" not in run.text


async def test_a_wrong_key_is_refused_in_one_sentence(tmp_path: Path) -> None:
    async with started(tmp_path, BACKBURNER_PROVIDER="openai", OPENAI_API_KEY="sk two") as run:
        assert await run.ended() == 1
    assert run.text.startswith("OPENAI_API_KEY is blank or holds")
    assert run.text.count("\n") == 1
    assert "sk two" not in run.text
