"""How much memory the export of a large thread takes: ``python -m bench.export_memory [TASKS]``."""

import sys
import tempfile
import time
from pathlib import Path

import httpx

from tests.harness import Installation


def resident(pid: int) -> tuple[int, int]:
    """Now and at most, in MiB (Linux)."""
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    now, most = (int(status[name].split()[0]) // 1024 for name in ("VmRSS", "VmHWM"))
    return now, most


def main(tasks: int) -> None:
    """Build a thread whose tasks each have 1 MB of question, take it away, and print a table."""
    with tempfile.TemporaryDirectory() as folder, Installation(Path(folder)) as installation:
        installation.valkey()
        api = installation.api(BACKBURNER_MAX_OPEN_TASKS="10000")
        first = installation.submit("Why?")["id"]
        for number in range(tasks - 1):
            installation.submit(f"{number}" + "x" * 1_000_000, parent_id=first)
        print(f"{tasks} tasks of 1 MB, exported as     seconds     MB   RSS before   most (MiB)")
        for form in ("application/json", "text/markdown"):
            before, _ = resident(api.popen.pid)
            Path(f"/proc/{api.popen.pid}/clear_refs").write_text("5")  # the peak from now on
            began, size = time.monotonic(), 0
            url = f"{installation.api_url}/v1/tasks/{first}/thread/export"
            with httpx.stream("GET", url, headers={"Accept": form}, timeout=600) as reply:
                for piece in reply.iter_raw():
                    size += len(piece)
            _, most = resident(api.popen.pid)
            took = time.monotonic() - began
            print(f"{form:32}{took:9.1f}{size / 1e6:7.0f}{before:13}{most:13}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
