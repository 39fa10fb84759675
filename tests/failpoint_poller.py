"""A poller that fails at a named step, for tests: ``python -m tests.failpoint_poller``.

It is the real one, wired with a store and a provider that stop the process on the way. The services
hold no hook for this: without this file there is no failpoint.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import arq.worker
import structlog

from services.poller.bootstrap import local_clock, main
from services.poller.provider.client import Provider
from services.poller.results import CallResult
from services.poller.settings import PollerSettings
from shared.domain.changes import Change
from shared.domain.states import TERMINAL, Status
from shared.domain.task import Task
from shared.domain.tombstone import Tombstone
from shared.runtime import logs
from shared.runtime.startup import run_main
from shared.store import Store, TaskDeletion

log = structlog.get_logger("services.poller")


class Raised(Exception):
    """What a failpoint raises that is told to."""


@dataclass(frozen=True)
class Failpoint:
    """Where, how and how often to fail; ``fired`` is a file that grows by a byte each time."""

    step: str
    how: str
    fired: Path
    times: int
    task: str

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> Self:
        return cls(
            env.get("FAILPOINT", ""),
            env.get("FAILPOINT_HOW", "kill"),
            Path(env.get("FAILPOINT_FIRED", os.devnull)),
            int(env.get("FAILPOINT_TIMES", "1")),
            env.get("FAILPOINT_TASK", ""),
        )

    def reached(self, step: str, task: str) -> None:
        """Fail here, if this is the place and it has not failed often enough."""
        if step != self.step or self.task not in ("", task):
            return
        if self.fired.exists() and self.fired.stat().st_size >= self.times:
            return
        with self.fired.open("ab") as mark:
            mark.write(b"!")
        match self.how:
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "freeze":
                os.kill(os.getpid(), signal.SIGSTOP)
            case _:
                raise Raised(step)


def step_of(change: Change) -> str:
    """A change by what happens in it; a poll is noted, a chain restarted by the sweep."""
    match change.after:
        case Status.SUBMITTING:
            return "claim"
        case Status.IN_PROGRESS:
            if change.before is not Status.IN_PROGRESS:
                return "start"
            return "note" if "polls" in change.set_fields else "restart"
        case Status.QUEUED:
            return "requeue"
        case Status.UNCONFIRMED:
            return "doubt"
        case status if status in TERMINAL:
            return "end"
    raise ValueError(change.after)


def failing_store(failpoint: Failpoint) -> type[Store]:
    """A store whose every change may be the last thing, or the first not, that the process does."""

    class FailingStore(Store):
        async def apply(self, change: Change, **options: Any) -> Task | None:
            step = step_of(change)
            failpoint.reached(f"before {step}", change.task.id)
            applied = await super().apply(change, **options)
            failpoint.reached(f"after {step}", change.task.id)
            return applied

        async def delete(self, removal: TaskDeletion) -> Tombstone | None:
            failpoint.reached("before removal", removal.task.id)
            tombstone = await super().delete(removal)
            failpoint.reached("after removal", removal.task.id)
            return tombstone

    return FailingStore


def failing_provider(failpoint: Failpoint) -> type[Provider]:
    """A provider around whose calls the process may end."""

    class FailingProvider(Provider):
        async def create(
            self, conversation: list[dict[str, Any]], task_id: str, client_request_id: str
        ) -> CallResult:
            failpoint.reached("before post", task_id)
            result = await super().create(conversation, task_id, client_request_id)
            failpoint.reached("after post", task_id)
            return result

        async def retrieve(self, response_id: str) -> CallResult:
            result = await super().retrieve(response_id)
            failpoint.reached("in poll", response_id)
            return result

        async def delete(self, response_id: str) -> CallResult:
            result = await super().delete(response_id)
            failpoint.reached("after delete", response_id)
            return result

    return FailingProvider


def start() -> None:
    """As the real one starts, with the failpoint and the clock that the environment names."""
    settings = PollerSettings.from_environment()
    logs.configure(settings.log_format)
    failpoint = Failpoint.from_environment(os.environ)
    skew = int(os.environ.get("CLOCK_SKEW_MS", "0"))

    def local() -> int:
        return local_clock() + skew

    if skew:
        log.warning("clock moved", ms=skew)
        arq.worker.timestamp_ms = local  # the time that arq itself would read on such a machine
    asyncio.run(main(settings, failing_store(failpoint), failing_provider(failpoint), local))


if __name__ == "__main__":
    sys.exit(run_main("The failing poller", start))
