"""When dev itself is killed, what it started is stopped in order."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from dev.reaper import still_running, stop
from dev.settings import ROOT


def test_what_still_runs_is_stopped_last_started_first_and_half_a_line_is_ignored() -> None:
    lines = ["started 10 5\n", "started 11 20.0\n", "ended 10\n", "started 12 1\n", "started 13"]
    assert still_running(lines) == [(12, 1.0), (11, 20.0)]


RUNNER = """
import asyncio, os, sys
from pathlib import Path
from dev.console import terminal
from dev.process_plan import Process
from dev.supervisor import Supervisor

CHILD = '''
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
print("up", flush=True)
signal.sigwait([signal.SIGTERM])
print("last words", flush=True)
open("drained", "w").write("")
'''

async def main():
    supervisor = Supervisor(terminal(), None, print)
    command = (sys.executable, "-c", CHILD)
    await supervisor.start(Process("poller", command, {}, 5.0, directory=Path(sys.argv[1])))
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.integration
def test_a_child_can_still_drain_and_speak_after_the_runner_was_killed(tmp_path: Path) -> None:
    runner = subprocess.Popen(  # noqa: S603 -- our own words
        [sys.executable, "-c", RUNNER, tmp_path], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert runner.stdout
    assert runner.stdout.readline() == b"poller    | up\n"
    runner.kill()
    runner.wait()
    limit = time.monotonic() + 10
    while not (tmp_path / "drained").exists():
        assert time.monotonic() < limit
        time.sleep(0.05)
    runner.stdout.close()


@pytest.mark.integration
def test_a_process_that_has_gone_is_no_error() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""], start_new_session=True)
    gone.wait()
    stop(gone.pid, grace=0.1)
