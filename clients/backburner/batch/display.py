"""Shows the progress of a batch: a bar on a terminal, elsewhere a line for each tenth."""

import sys
from typing import Self

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from backburner import output
from backburner.batch.runner import Batch
from backburner.formatting import PAUSE_REASONS


class BatchDisplay:
    """Use it in ``with``, and give it the batch after each step."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._tenths = 0
        self._paused = ""
        self._bar: Progress | None = None
        self._task = TaskID(0)
        if output.is_terminal(sys.stderr) and not output.stderr().is_dumb_terminal:
            columns = (BarColumn(None), TextColumn("{task.description}"), TimeElapsedColumn())
            self._bar = Progress(*columns, console=output.stderr(), transient=True, expand=True)

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
            self._task = self._bar.add_task("", total=self._total)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()

    def update(self, batch: Batch) -> None:
        """Show the state, if it is new enough."""
        done, paused = len(batch.results.done), _paused(batch)
        text = f"{done} of {self._total} done, {batch.open} open{paused}, ${batch.cost_usd:,.2f}"
        if self._bar:
            self._bar.update(self._task, completed=done, description=text)
            return
        tenths = done * 10 // self._total
        if (tenths, paused) != (self._tenths, self._paused):
            output.report(text)
        self._tenths, self._paused = tenths, paused


def _paused(batch: Batch) -> str:
    reasons = (PAUSE_REASONS.get(each, each) for each in sorted(batch.paused))
    return f" (waiting: {'; '.join(reasons)})" if batch.paused else ""
