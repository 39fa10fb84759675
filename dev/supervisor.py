"""Starts children, passes on what they say, notices one that ends, stops them in reverse order."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from dev.console import Console
from dev.process_plan import Process
from dev.settings import ROOT

LONGEST_LINE = 1024 * 1024
SLOW = 2.0


@dataclass(frozen=True)
class Child:
    """A started process and the task that passes on its output."""

    process: Process
    handle: asyncio.subprocess.Process
    output: asyncio.Task[None]


class Supervisor:
    """Each child has a session of its own, so that Ctrl-C in the terminal reaches only us."""

    def __init__(self, console: Console, lock: int | None, ended: Callable[[str], None]) -> None:
        """``ended`` is told, in a sentence, of each child that ends; ``lock`` goes to them all."""
        self._console = console
        self._ended = ended
        self._lock = () if lock is None else (lock,)
        self._children: list[Child] = []
        self._watches: list[asyncio.Task[None]] = []
        self._orphans: asyncio.subprocess.Process | None = None

    async def start(self, process: Process) -> None:
        """Starts a child; what it writes appears under its name."""
        await self._guard()
        reader, reading, writing = await _output()
        try:
            handle = await asyncio.create_subprocess_exec(
                *process.argv,
                env=process.env,
                cwd=process.directory,
                stdin=PIPE if process.stdin else DEVNULL,
                stdout=writing,
                stderr=STDOUT,
                start_new_session=True,
                # The reading end too: if dev is killed, a child that drains must not fail on EPIPE.
                pass_fds=(*self._lock, reading),
            )
        finally:
            os.close(writing)
        self._tell(f"started {handle.pid} {process.grace}")
        child = Child(process, handle, asyncio.create_task(self._pass_on(process.name, reader)))
        self._children.append(child)
        self._watches.append(asyncio.create_task(self._watch(child)))
        if handle.stdin:
            handle.stdin.write(process.stdin)
            handle.stdin.close()

    async def stop(self) -> None:
        """Ends every child, the last started first, each within its grace."""
        for child in reversed(self._children):
            await self._end(child)
        if self._orphans and self._orphans.stdin:
            self._orphans.stdin.close()
            await self._orphans.wait()

    def kill(self) -> None:
        """Ends every child at once."""
        for child in self._children:
            if child.handle.returncode is None:
                _kill_group(child.handle.pid)

    async def _end(self, child: Child) -> None:
        name = child.process.name
        if child.handle.returncode is None:
            with suppress(ProcessLookupError):
                # terminate() would reap a child that has just ended, and its exit code be lost.
                os.kill(child.handle.pid, signal.SIGTERM)
        slow = asyncio.get_running_loop().call_later(
            SLOW, self._console.say, f"{name} is finishing what it has in hand."
        )
        try:
            await asyncio.wait_for(child.handle.wait(), child.process.grace)
        except TimeoutError:
            self._console.say(f"{name} did not stop within {child.process.grace:g} s: killed.")
        finally:
            slow.cancel()
        _kill_group(child.handle.pid)
        await child.handle.wait()
        await asyncio.wait({child.output}, timeout=1)

    async def _guard(self) -> None:
        if self._orphans is None:
            self._orphans = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "dev.reaper"),
                cwd=ROOT,
                stdin=PIPE,
                start_new_session=True,
            )

    def _tell(self, line: str) -> None:
        if self._orphans and self._orphans.stdin:
            self._orphans.stdin.write(f"{line}\n".encode())

    async def _watch(self, child: Child) -> None:
        code = await child.handle.wait()
        self._tell(f"ended {child.handle.pid}")
        self._ended(_obituary(child.process, code))

    async def _pass_on(self, name: str, reader: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await reader.readline()
            except ValueError:  # readline has dropped it
                line = b"(a line of more than 1 MiB is not shown)"
            if not line:
                return
            self._console.line(name, line)


async def _output() -> tuple[asyncio.StreamReader, int, int]:
    """A pipe of our own: asyncio's would keep wait() waiting for a grandchild that holds it."""
    reading, writing = os.pipe()
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", buffering=0)
    )
    return reader, reading, writing


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _obituary(process: Process, code: int) -> str:
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    where = f" (its log: {process.log})" if process.log else ""
    return f"{process.name} {how}{where}; stopping everything."
