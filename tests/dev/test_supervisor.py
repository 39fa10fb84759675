"""Children start, speak under their names, are missed when they end, and stop in reverse order."""

import asyncio
import io
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dev.console import Console
from dev.process_plan import Process
from dev.supervisor import Supervisor

pytestmark = pytest.mark.integration

OBEDIENT = "print('up', flush=True)\nimport signal\nsignal.sigwait([signal.SIGTERM])\nprint('down')"
STUBBORN = "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nprint('up')\ntime.sleep(60)"


class Screen(io.BytesIO):
    """What was printed; wakes who waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self._written = asyncio.Event()

    def write(self, text: Any) -> int:
        self._written.set()
        return super().write(text)

    @property
    def text(self) -> str:
        return self.getvalue().decode()

    async def shows(self, words: str) -> None:
        async with asyncio.timeout(10):
            while words not in self.text:
                self._written.clear()
                await self._written.wait()


@dataclass
class Observed:
    """A supervisor, what was printed, and the ends that it told of."""

    supervisor: Supervisor
    screen: Screen
    ends: asyncio.Queue[str] = field(default_factory=asyncio.Queue)


@pytest.fixture
async def observed() -> AsyncIterator[Observed]:
    screen, ends = Screen(), asyncio.Queue[str]()
    supervisor = Supervisor(Console(screen, colours=False), None, ends.put_nowait)
    yield Observed(supervisor, screen, ends)
    supervisor.kill()
    await supervisor.stop()


def child(name: str, code: str, *, grace: float = 5.0, **env: str) -> Process:
    if code == OBEDIENT:
        code = "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, [15])\n" + code
    return Process(name, (sys.executable, "-u", "-c", code), env, grace, directory=Path("/"))


async def test_a_child_that_ends_by_itself_is_named_with_its_exit_code(observed: Observed) -> None:
    await observed.supervisor.start(child("poller", "raise SystemExit(3)"))
    assert await observed.ends.get() == "poller exited with code 3. Stopping all processes."


async def test_a_killed_child_is_missed_although_its_own_child_lives_on(observed: Observed) -> None:
    await observed.supervisor.start(
        child(
            "api",
            "import os, subprocess\nsubprocess.Popen(['sleep', '60'])\nos.kill(os.getpid(), 9)",
            PATH=os.environ["PATH"],
        )
    )
    assert await observed.ends.get() == "api was killed by SIGKILL. Stopping all processes."


async def test_the_last_started_stops_first_and_has_ended_before_the_next(
    observed: Observed,
) -> None:
    for name in ("valkey", "poller", "api"):
        await observed.supervisor.start(child(name, OBEDIENT))
        await observed.screen.shows(f"{name:<9} | up")
    await observed.supervisor.stop()
    downs = [line for line in observed.screen.text.splitlines() if line.endswith("down")]
    assert downs == ["api       | down", "poller    | down", "valkey    | down"]


async def test_a_child_that_does_not_stop_in_its_grace_is_killed_and_named(
    observed: Observed,
) -> None:
    await observed.supervisor.start(child("poller", STUBBORN, grace=0.1))
    await observed.screen.shows("up")
    await observed.supervisor.stop()
    assert "poller did not stop within 0.1 s and was killed." in observed.screen.text
    assert await observed.ends.get() == "poller was killed by SIGKILL. Stopping all processes."


async def test_output_has_the_name_of_its_process_and_a_long_line_is_omitted(
    observed: Observed,
) -> None:
    os.environ["BACKBURNER_TEST_SECRET"] = "not inherited"
    code = "import os; print(sorted(os.environ)); print('x' * 3_000_000); print('after it')"
    try:
        await observed.supervisor.start(child("api", code, ASKED="1", LC_CTYPE="C.UTF-8"))
        await observed.screen.shows("api       | after it")
    finally:
        del os.environ["BACKBURNER_TEST_SECRET"]
    assert "api       | ['ASKED', 'LC_CTYPE']\n" in observed.screen.text
    assert "api       | (line longer than 1 MiB omitted)" in observed.screen.text
