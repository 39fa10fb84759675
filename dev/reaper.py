"""Stops the services in order when `python -m dev` is killed: its stdin is a pipe from there.

The kernel's parent-death signal would not do: only Linux has it, and it reaches all children at
once, but the poller must end before the store that it writes to.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress


def still_running(lines: Iterable[str]) -> list[tuple[int, float]]:
    """Parse ``started PID GRACE`` and ``ended PID`` lines; return what runs, last started first."""
    running: dict[int, float] = {}
    for line in lines:
        match line.split():
            case ["started", pid, grace]:
                running[int(pid)] = float(grace)
            case ["ended", pid]:
                running.pop(int(pid), None)
    return list(reversed(running.items()))


def stop(pid: int, grace: float) -> None:
    """Send SIGTERM, wait at most ``grace`` seconds, then kill the process group."""
    _send(os.kill, pid, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline and _send(os.kill, pid, 0):
        time.sleep(0.05)  # not a child of this process, so waitpid does not work
    _send(os.killpg, pid, signal.SIGKILL)


def _send(send: Callable[[int, int], None], pid: int, number: int) -> bool:
    with suppress(ProcessLookupError, PermissionError):
        send(pid, number)
        return True
    return False


if __name__ == "__main__":
    for pid, grace in still_running(sys.stdin):
        stop(pid, grace)
