"""Sends the lines of a batch and collects their results, each exactly once."""

import hashlib
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from backburner.batch.lines import BatchLine
from backburner.batch.results import ResultFile
from backburner.client import BackburnerError, Client, Event, Task
from backburner.settings import is_printable

MAX_KEY_CHARS = 255
FULL_RETRY_S = 5.0
"""How long to wait when others' tasks fill the server, and none of ours is open."""

_REFUSED = frozenset({400, 410, 413, 422})
"""Statuses that concern one line, and not the others."""


def idempotency_key(label: str, custom_id: str) -> str:
    """The key of a line; one that no header can carry is replaced by its hash."""
    key = f"{label}/{custom_id}"
    if len(key) <= MAX_KEY_CHARS and is_printable(key):
        return key
    return f"{label}/sha256-{hashlib.sha256(custom_id.encode()).hexdigest()}"


@dataclass
class Batch:
    """A run over the lines that have no result yet.

    At most ``max_open`` of its tasks are unfinished at a time. Killed at any moment, another run
    with the same label sends nothing twice. ``on_change`` is called after each step.
    """

    client: Client
    lines: Sequence[BatchLine]
    results: ResultFile
    label: str
    max_open: int
    on_change: Callable[["Batch"], None]
    pause: Callable[[float], None] = time.sleep
    refused: list[tuple[BatchLine, BackburnerError]] = field(default_factory=list)
    undecided: dict[str, BatchLine] = field(default_factory=dict)
    ended: Counter[str] = field(default_factory=Counter)
    cost_usd: float = 0.0
    _open: dict[str, BatchLine] = field(default_factory=dict)
    _paused: dict[str, str] = field(default_factory=dict)
    _waiting: deque[BatchLine] = field(default_factory=deque)

    @property
    def open(self) -> int:
        """Tasks that are sent and have not ended."""
        return len(self._open)

    @property
    def paused(self) -> Counter[str]:
        """How many open tasks wait for what."""
        return Counter(self._paused.values())

    def run(self) -> None:
        """Return when each line has a result, was refused, or needs a decision."""
        self._waiting.extend(line for line in self.lines if line.custom_id not in self.results.done)
        for event in self.client.events():
            self._handle(event)
            self._fill()
            self.on_change(self)
            if not (self._waiting or self._open):
                return

    def _handle(self, event: Event) -> None:
        match event.kind:
            case "task" if event.task and event.task.id in self._open | self.undecided:
                self._take(event.task)
            case "deleted" if event.data.get("id") in self._open:
                self._read_again([event.data["id"]])
            case "hello" | "resync":  # events may have been missed
                self._read_again([*self._open, *self.undecided])

    def _fill(self) -> None:
        while self._waiting and len(self._open) < self.max_open:
            try:
                task = self._submit(self._waiting[0])
            except BackburnerError as error:
                if error.kind == "too-many-open-tasks":
                    if self._open:
                        return  # the end of one of ours makes room
                    self.pause(error.retry_after or FULL_RETRY_S)
                elif error.status in _REFUSED:
                    self.refused.append((self._waiting.popleft(), error))
                else:
                    raise
            else:
                self._open[task.id] = self._waiting.popleft()
                self._take(task)
                self.on_change(self)

    def _submit(self, line: BatchLine) -> Task:
        key = idempotency_key(self.label, line.custom_id)
        return self.client.submit(line.messages, idempotency_key=key)

    def _read_again(self, task_ids: Sequence[str]) -> None:
        for task_id in task_ids:
            try:
                self._take(self.client.get(task_id))
            except BackburnerError as error:
                if error.status not in _REFUSED | {404}:
                    raise
                line = self._open.pop(task_id, None) or self.undecided.pop(task_id)
                self.refused.append((line, error))

    def _take(self, task: Task) -> None:
        line = self._open.get(task.id) or self.undecided[task.id]
        self._paused.pop(task.id, None)
        if task.ended:
            self.results.append(line, task, self._response(task))
            self._open.pop(task.id, None)
            self.undecided.pop(task.id, None)
            self.ended[task.status] += 1
            self.cost_usd += task.cost_usd or 0.0
        elif task.settled:
            self.undecided[task.id] = line
            self._open.pop(task.id, None)
        else:
            self._open[task.id] = line
            self.undecided.pop(task.id, None)
            if task.paused:
                self._paused[task.id] = task.paused

    def _response(self, task: Task) -> dict[str, Any] | None:
        try:
            return self.client.response(task.id)
        except BackburnerError as error:
            if error.status in {404, 410}:
                return None
            raise
