"""Lets go of tasks that have been kept long enough: exports them if asked, and has them deleted."""

import asyncio
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import structlog

from services.poller.decisions.retention import expired
from shared.domain import changes
from shared.domain.errors import TaskNotFound
from shared.domain.task import Task
from shared.presentation import serializers
from shared.presentation.export_format import export_document
from shared.store import Store

AT_ONCE = 5
"""Deletions that retention has under way at a time: OpenAI is not to be flooded with them."""

WINDOW = 50
"""Tasks that one round looks at."""

PAUSE = 60_000
"""Milliseconds without a try after an export that failed."""

log = structlog.get_logger("services.poller")


@dataclass(frozen=True, slots=True)
class Exporter:
    """A directory with one file for each task that was let go of, fit to be handed in again."""

    directory: Path
    store: Store

    async def keep(self, task: Task) -> None:
        """Have the task on disk before this returns, whole or not at all. Raises OSError."""
        whole = await self.store.load_with_texts(task.id)
        shown = serializers.task_detail(whole.task, whole.conversation, whole.response)
        content = orjson.dumps(export_document(shown), option=orjson.OPT_APPEND_NEWLINE)
        await asyncio.to_thread(_write, self.directory / f"{task.id}.json", content)


@dataclass(slots=True)
class Retention:
    """One poller's part in it; ``keep`` is in milliseconds, ``clock`` tells the store's time."""

    store: Store
    provider: str
    keep: int
    clock: Callable[[], int]
    archive: Exporter | None = None
    _after: int = field(default=0, init=False)
    _pause_until: int = field(default=0, init=False)

    async def run(self) -> None:
        """Have a few more deleted, oldest first.

        The window stays while anything in it is left to be asked for. What was accepted after the
        limit cannot have ended before it, so there it starts over.
        """
        now = self.clock()
        if now < self._pause_until:
            return
        before = now - self.keep
        page = await self.store.oldest_page(self._after, WINDOW)
        going = sum(task.deletion_requested_at is not None for task in page.tasks)
        old = [task for task in page.tasks if expired(task, self.provider, before)]
        for task in old[: max(AT_ONCE - going, 0)]:
            if not await self._let_go(task):
                self._pause_until = now + PAUSE
                return
        if not old:
            young = any(task.created_at >= before for task in page.tasks)
            self._after = 0 if young else page.cursor or 0

    async def _let_go(self, task: Task) -> bool:
        """Whether it is safe to go on: what could not be exported is kept."""
        try:
            if self.archive:
                await self.archive.keep(task)
        except TaskNotFound:
            return True
        except OSError as error:
            log.warning("not exported, so not deleted", task=task.id, error=str(error))
            return False
        if await self.store.apply(changes.request_deletion(task)):
            log.info("expired, deletion requested", task=task.id, exported=bool(self.archive))
        return True


def _write(path: Path, content: bytes) -> None:
    """Two pollers may do it at once: each has a file of its own until it is whole."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".new", dir=path.parent)
    fresh = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        with suppress(OSError):  # not every file system can
            os.fsync(directory)
    finally:
        os.close(directory)
