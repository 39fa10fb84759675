"""Stops what dev started when dev itself is killed: its input is a pipe that ends with dev.

A process of its own rather than the kernel's parent-death signal, which only Linux has and which
reaches all children at once: the poller must end before the store that it writes to.
"""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress


def left_behind(lines: Iterable[str]) -> list[tuple[int, float]]:
    """From ``started PID GRACE`` and ``ended PID``: who still runs, in the order to stop them."""
    running: dict[int, float] = {}
    for line in lines:
        match line.split():
            case ["started", pid, grace]:
                running[int(pid)] = float(grace)
            case ["ended", pid]:
                running.pop(int(pid), None)
    return list(reversed(running.items()))


def stop(pid: int, grace: float) -> None:
    """Asks a process to end, waits at most ``grace`` seconds, then kills its group."""
    _send(os.kill, pid, signal.SIGTERM)
    deadline = time.monotonic() + grace
    while time.monotonic() < deadline and _send(os.kill, pid, 0):
        time.sleep(0.05)  # not our child, so there is nothing to wait on
    _send(os.killpg, pid, signal.SIGKILL)


def _send(send: Callable[[int, int], None], pid: int, number: int) -> bool:
    with suppress(ProcessLookupError, PermissionError):
        send(pid, number)
        return True
    return False


if __name__ == "__main__":
    for pid, grace in left_behind(sys.stdin):
        stop(pid, grace)
