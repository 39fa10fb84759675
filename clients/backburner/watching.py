"""Waiting for a task in a terminal: what is shown meanwhile, and the way back after Ctrl-C."""

import os
import shlex
import shutil
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import typer
from rich.live import Live
from rich.text import Text

from backburner import screen
from backburner.client import BackburnerError, Client, Task
from backburner.exits import Exit
from backburner.words import Usual, progress, usual


def watch(client: Client, task_id: str) -> Task:
    """The task once it is settled; Ctrl-C leaves it running and says how to come back."""
    try:
        return _Watcher(client).watch(task_id)
    except KeyboardInterrupt:
        screen.say(f"The task goes on. Come back with:\n  {command('wait', task_id)}")
        raise typer.Exit(Exit.INTERRUPTED) from None


def command(*words: str) -> str:
    """A command as it works from here: the program as it was called, the server as it was set."""
    called = sys.argv[0]
    found = shutil.which(Path(called).name)
    name = Path(called).name if found and Path(found).samefile(called) else called
    url = os.environ.get("BACKBURNER_URL")
    return (f"BACKBURNER_URL={shlex.quote(url)} " if url else "") + shlex.join([name, *words])


class _Watcher:
    """On a terminal one line that keeps up to date, elsewhere a line for each change."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._task: Task | None = None
        self._usual: Usual | None = None
        self._lively = sys.stderr.isatty() and not screen.stderr().is_dumb_terminal

    def watch(self, task_id: str) -> Task:
        with self._display():
            for task in self._client.follow(task_id):
                self._news(task)
        return task

    def _display(self) -> AbstractContextManager[object]:
        if not self._lively:
            return nullcontext()
        return Live(
            get_renderable=lambda: Text(self._standing(screen.stderr().width)),
            console=screen.stderr(),
            refresh_per_second=2,
            transient=True,
        )

    def _news(self, task: Task) -> None:
        before, self._task = self._task, task
        if before is None and not task.settled:
            self._usual = self._experience(task.provider)
        if task.settled or self._lively:
            return
        if before is None or _shown(before) != _shown(task):
            screen.say(self._standing(None))

    def _standing(self, width: int | None) -> str:
        if self._task is None:
            return ""
        return progress(self._task, self._client.now(), self._usual, width)

    def _experience(self, provider: str) -> Usual | None:
        try:
            return usual(self._client.page(status="completed", limit=100).data, provider)
        except BackburnerError:
            return None  # it is only a help


def _shown(task: Task) -> tuple[object, ...]:
    return task.status, task.provider_status, task.paused, task.adopting
