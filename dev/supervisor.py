"""Starts child processes, prints their output, reports exits, stops them in reverse order."""

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

MAX_LINE_BYTES = 1024 * 1024
SLOW_NOTICE_S = 2.0


@dataclass(frozen=True)
class Child:
    """A started process and the task that copies its output."""

    process: Process
    handle: asyncio.subprocess.Process
    output: asyncio.Task[None]


class Supervisor:
    """Each child has its own session, so that Ctrl-C in the terminal reaches only this process."""

    def __init__(self, console: Console, lock: int | None, on_exit: Callable[[str], None]) -> None:
        """``on_exit`` gets a sentence for each child that exits. All inherit ``lock``."""
        self._console = console
        self._on_exit = on_exit
        self._lock = () if lock is None else (lock,)
        self._children: list[Child] = []
        self._exit_tasks: list[asyncio.Task[None]] = []
        self._reaper: asyncio.subprocess.Process | None = None

    async def start(self, process: Process) -> None:
        """Start a child. Its output is printed with its name."""
        await self._start_reaper()
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
                # The read end, too: if dev is killed, a draining child must not fail with EPIPE.
                pass_fds=(*self._lock, reading),
            )
        finally:
            os.close(writing)
        self._report(f"started {handle.pid} {process.grace}")
        child = Child(process, handle, asyncio.create_task(self._copy_output(process.name, reader)))
        self._children.append(child)
        self._exit_tasks.append(asyncio.create_task(self._wait_for_exit(child)))
        if handle.stdin:
            handle.stdin.write(process.stdin)
            handle.stdin.close()

    async def stop(self) -> None:
        """Stop every child within its grace, the last started first."""
        for child in reversed(self._children):
            await self._stop(child)
        if self._reaper and self._reaper.stdin:
            self._reaper.stdin.close()
            await self._reaper.wait()

    def kill(self) -> None:
        """Kill every child at once."""
        for child in self._children:
            if child.handle.returncode is None:
                _kill_group(child.handle.pid)

    async def _stop(self, child: Child) -> None:
        name = child.process.name
        if child.handle.returncode is None:
            with suppress(ProcessLookupError):
                # Not terminate(): it would reap a child that just exited and lose its exit code.
                os.kill(child.handle.pid, signal.SIGTERM)
        slow = asyncio.get_running_loop().call_later(
            SLOW_NOTICE_S, self._console.say, f"Waiting for {name} to finish its work."
        )
        try:
            await asyncio.wait_for(child.handle.wait(), child.process.grace)
        except TimeoutError:
            self._console.say(
                f"{name} did not stop within {child.process.grace:g} s and was killed."
            )
        finally:
            slow.cancel()
        _kill_group(child.handle.pid)
        await child.handle.wait()
        await asyncio.wait({child.output}, timeout=1)

    async def _start_reaper(self) -> None:
        if self._reaper is None:
            self._reaper = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "dev.reaper"),
                cwd=ROOT,
                stdin=PIPE,
                start_new_session=True,
            )

    def _report(self, line: str) -> None:
        if self._reaper and self._reaper.stdin:
            self._reaper.stdin.write(f"{line}\n".encode())

    async def _wait_for_exit(self, child: Child) -> None:
        code = await child.handle.wait()
        self._report(f"ended {child.handle.pid}")
        self._on_exit(_exit_message(child.process, code))

    async def _copy_output(self, name: str, reader: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await reader.readline()
            except ValueError:  # readline has discarded the line
                line = b"(line longer than 1 MiB omitted)"
            if not line:
                return
            self._console.line(name, line)


async def _output() -> tuple[asyncio.StreamReader, int, int]:
    """Make a pipe. With asyncio's, wait() would also wait for grandchildren that hold it."""
    reading, writing = os.pipe()
    reader = asyncio.StreamReader(limit=MAX_LINE_BYTES)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(reading, "rb", buffering=0)
    )
    return reader, reading, writing


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _exit_message(process: Process, code: int) -> str:
    how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"exited with code {code}"
    where = f" (log: {process.log})" if process.log else ""
    return f"{process.name} {how}{where}. Stopping all processes."
