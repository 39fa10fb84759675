"""Waits for a task in a terminal: shows its progress, and how to come back after Ctrl-C."""

import os
import shlex
import shutil
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import typer
from rich.live import Live
from rich.text import Text

from backburner import output
from backburner.client import BackburnerError, Client, Task
from backburner.exit_codes import Exit
from backburner.formatting import TypicalDuration, format_progress, typical_duration


def wait_for_task(client: Client, task_id: str) -> Task:
    """Return the task once it is settled. Ctrl-C leaves it running and prints how to come back."""
    try:
        return WaitDisplay(client).wait(task_id)
    except KeyboardInterrupt:
        output.report(f"The task continues. Come back with:\n  {shell_command('wait', task_id)}")
        raise typer.Exit(Exit.INTERRUPTED) from None


def shell_command(*words: str) -> str:
    """A command that works when pasted: with this program's path and the server's address."""
    called = sys.argv[0]
    found = shutil.which(Path(called).name)
    name = Path(called).name if found and Path(found).samefile(called) else called
    url = os.environ.get("BACKBURNER_URL")
    return (f"BACKBURNER_URL={shlex.quote(url)} " if url else "") + shlex.join([name, *words])


class WaitDisplay:
    """One line that is updated in place on a terminal; elsewhere one line for each change."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._task: Task | None = None
        self._expected: TypicalDuration | None = None
        self._live = output.is_terminal(sys.stderr) and not output.stderr().is_dumb_terminal

    def wait(self, task_id: str) -> Task:
        """Show the task until it is settled, and return it."""
        with self._display():
            for task in self._client.follow(task_id):
                self._update(task)
        return task

    def _display(self) -> AbstractContextManager[object]:
        if not self._live:
            return nullcontext()
        return Live(
            get_renderable=lambda: Text(self._progress(output.stderr().width)),
            console=output.stderr(),
            refresh_per_second=2,
            transient=True,
        )

    def _update(self, task: Task) -> None:
        before, self._task = self._task, task
        if before is None and not task.settled:
            self._expected = self._typical_duration(task.provider)
        if task.settled or self._live:
            return
        if before is None or _visible_state(before) != _visible_state(task):
            output.report(self._progress(None))

    def _progress(self, width: int | None) -> str:
        if self._task is None:
            return ""
        return format_progress(self._task, self._client.now(), self._expected, width)

    def _typical_duration(self, provider: str) -> TypicalDuration | None:
        try:
            completed = self._client.page(status="completed", limit=100).data
        except BackburnerError:
            return None  # the estimate is optional: waiting goes on without it
        return typical_duration(completed, provider)


def _visible_state(task: Task) -> tuple[object, ...]:
    return task.status, task.provider_status, task.paused, task.waiting, task.adopting
